#!/usr/bin/env python3
"""Drive the real fikr-worker by hand, over pipes.  Output is TAP.

FIKR_WORKER: the program.  FIKR_TEST_MODEL: a chat model in GGUF; without it
only what needs no model is tested, and that is said.
"""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile

WORKER = os.environ.get("FIKR_WORKER", "./fikr-worker")
MODEL = os.environ.get("FIKR_TEST_MODEL", "")
PATIENCE = 120          # seconds until a silent worker counts as hung


class Worker:
    def __init__(self, stderr=subprocess.DEVNULL):
        self.p = subprocess.Popen([WORKER], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=stderr)
        self.data = b""

    def raw(self, line):
        self.p.stdin.write(line + b"\n")
        self.p.stdin.flush()

    def send(self, **msg):
        self.raw(json.dumps(msg).encode())

    def recv(self):
        """The next message, or None at the end."""
        while b"\n" not in self.data:
            if not select.select([self.p.stdout], [], [], PATIENCE)[0]:
                raise AssertionError("the worker is silent")
            more = os.read(self.p.stdout.fileno(), 65536)
            if not more:
                assert self.data == b"", "half a line at the end"
                return None
            self.data += more
        line, self.data = self.data.split(b"\n", 1)
        return json.loads(line.decode("utf-8"))

    def until(self, kind, **want):
        """Messages up to the first of this kind (and these values)."""
        seen = []
        while True:
            m = self.recv()
            assert m is not None, "ended before %s" % kind
            seen.append(m)
            if m["type"] == kind and all(m[k] == want[k] for k in want):
                return seen

    def load(self, **how):
        self.send(type="hello", version=2, program="worker.py")
        self.send(type="load", model=MODEL, context=2048, **how)
        return self.until("loaded")[-1]

    def generate(self, id, text, **more):
        messages = more.pop("messages", [{"role": "user", "text": text}])
        self.send(type="generate", id=id, messages=messages, **more)

    def end(self):
        self.p.stdin.close()
        rest = []
        while (m := self.recv()) is not None:
            rest.append(m)
        return self.p.wait(PATIENCE), rest

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()
        self.p.stdout.close()
        if self.p.stdin and not self.p.stdin.closed:
            try:
                self.p.stdin.close()
            except BrokenPipeError:
                pass


def text_of(messages, channel):
    return "".join(m["text"] for m in messages
                   if m["type"] == "delta" and m["channel"] == channel)


GREEDY = {"temperature": 0, "max_tokens": 40}


def t_hello_first():
    """A worker that speaks before, or other than, its hello."""
    with Worker() as w:
        assert w.recv() == {"type": "hello", "version": 2,
                            "program": "fikr-worker"}
        assert w.end() == (0, [])


def t_bad_lines():
    """Bad input that ends the worker, or is answered with nothing."""
    bad = [b"nonsense", b"{", b"[]", b'{"type":"dance"}', b'{"type":"load"}',
           b"\xff\xfe", b'{"type":"done","id":1}', b"[" * 100000]
    with Worker() as w:
        w.recv()
        for line in bad:
            w.raw(line)
            m = w.recv()
            assert m["type"] == "error" and m["text"], (line[:40], m)
        w.raw(b"")
        w.raw(b"x" * ((16 << 20) + 1))
        assert "longer" in w.recv()["text"]
        assert w.end() == (0, [])


def t_other_version():
    """Going on with somebody who speaks another version."""
    with Worker() as w:
        w.recv()
        w.send(type="hello", version=99, program="x")
        assert "99" in w.recv()["text"]
        w.send(type="load", model="/nowhere")
        assert "hello" in w.recv()["text"]


def t_bad_models():
    """A model that cannot be loaded ending the worker."""
    with Worker() as w, tempfile.NamedTemporaryFile() as f:
        w.recv()
        f.write(b"GGUF" + b"\xff" * 64)
        f.flush()
        for path in ["/nonexistent.gguf", "/", "/dev/null", f.name]:
            w.send(type="load", model=path)
            m = w.until("error")[-1]
            assert m["id"] == 0 and m["text"], m
        w.generate(5, "hi")
        assert w.until("error")[-1]["id"] == 5
        assert w.until("done")[-1]["reason"] == "error"
        assert w.end() == (0, [])


def t_quit():
    """A quit that is not obeyed at once."""
    with Worker() as w:
        w.recv()
        w.send(type="quit")
        assert w.recv() is None
        assert w.p.wait(PATIENCE) == 0


def t_answers():
    """The way from a question to its answer, and what is counted."""
    with Worker() as w:
        info = w.load()
        assert info["context"] == 2048 and info["bytes"] > 0, info
        assert info["digest"].startswith("sha256"), info
        w.generate(1, "What is the capital of France?", sampling=GREEDY)
        seen = w.until("done")
        assert all(m.get("id") == 1 for m in seen)
        assert text_of(seen, "answer").strip()
        assert text_of(seen, "thinking") == ""
        d = seen[-1]
        assert d["reason"] in ("stop", "length"), d
        assert d["prompt_tokens"] > 5 and d["thinking_tokens"] == 0, d
        assert 0 < d["answer_tokens"] <= 40, d
        assert any(m["type"] == "progress" and m["what"] == "read"
                   for m in seen)


def t_kept_in_less_memory():
    """A type of the cache that cannot be asked for, or spoils answers; notes
    on a model that there is nothing to say about."""
    for kv in ("f32", "q8_0"):
        with Worker() as w:
            assert w.load(kv=kv)["notes"] == []
            w.generate(1, "What is the capital of France?", sampling=GREEDY)
            assert "Paris" in text_of(w.until("done"), "answer"), kv


def t_bad_cache_type():
    """A word that is no type of the cache, taken for one."""
    with Worker() as w:
        w.recv()
        w.send(type="load", model=MODEL, kv="q4_0")
        assert "kv" in w.recv()["text"]
        assert w.end() == (0, [])


def t_bad_ways_to_load():
    """Wrong settings that load all the same, or that end the worker."""
    with Worker() as w:
        w.recv()
        for word, how in (
                ("/gone.gguf", {"lora": [{"path": "/gone.gguf"}]}),
                (MODEL, {"lora": [{"path": MODEL, "scale": 0.5}]}),
                ("dance", {"chat_format": "dance"}),
                ("/gone.yaml", {"chat_format": "/gone.yaml"})):
            w.send(type="load", model=MODEL, **how)
            m = w.until("error")[-1]
            assert m["id"] == 0 and word in m["text"], m
            assert "\n" not in m["text"], m
        assert w.end() == (0, [])


def slow_model(dir):
    """The model with much behind it that is read too."""
    path = os.path.join(dir, "slow.gguf")
    shutil.copyfile(MODEL, path)
    os.truncate(path, 1 << 30)
    return path


def t_cancel_while_loading():
    """A cancel that is heard only when the model is there."""
    with Worker() as w, tempfile.TemporaryDirectory() as dir:
        w.send(type="load", model=slow_model(dir))
        w.generate(1, "Hi")
        w.until("progress")
        w.send(type="cancel", id=1)
        seen = w.until("done", id=1)
        assert seen[-1]["reason"] == "cancel", seen[-1]
        assert all(m["type"] != "loaded" for m in seen), seen


def t_quit_while_loading():
    """A quit that waits until a large model is read."""
    with Worker() as w, tempfile.TemporaryDirectory() as dir:
        w.send(type="load", model=slow_model(dir))
        w.until("progress")
        w.send(type="quit")
        assert w.p.wait(PATIENCE) == 0
        while (m := w.recv()) is not None:
            assert m["type"] == "progress", m


def t_same_seed():
    """Text that depends on more than the question and the seed."""
    texts = []
    for seed in (7, 7, 8):
        with Worker() as w:
            w.load()
            w.generate(1, "Tell me a story.",
                       sampling={"seed": seed, "max_tokens": 30,
                                 "temperature": 1.5, "min_p": 0})
            seen = w.until("done")
            assert seen[-1]["seed"] == seed
            texts.append(text_of(seen, "answer"))
    assert texts[0] == texts[1] != texts[2], texts


def t_prefix_is_kept():
    """A second turn that reads the first one again."""
    with Worker() as w:
        w.load()
        w.generate(1, "Name a colour.", sampling=GREEDY)
        seen = w.until("done")
        w.generate(2, "", sampling=GREEDY, messages=[
            {"role": "user", "text": "Name a colour."},
            {"role": "assistant", "text": text_of(seen, "answer")},
            {"role": "user", "text": "Another one."}])
        d = w.until("done", id=2)[-1]
        assert d["cached_tokens"] >= seen[-1]["prompt_tokens"], d


def t_guided_thinking():
    """Thinking that was asked for and does not show, end, or lead on."""
    with Worker() as w:
        if w.load()["thinker"] != "guided":
            return
        w.generate(1, "What is 2 + 2?", thinking="on", budget=20,
                   sampling={"temperature": 0, "max_tokens": 60})
        seen = w.until("done")
        d = seen[-1]
        assert text_of(seen, "thinking").strip()
        assert text_of(seen, "answer").strip()
        assert 0 < d["thinking_tokens"] <= 20, d
        assert d["answer_tokens"] > 0, d
        channels = [m["channel"] for m in seen if m["type"] == "delta"]
        assert channels == sorted(channels, reverse=True), channels


def t_guided_again():
    """A guided turn that goes otherwise when it is asked for again, and a
    question that no longer fits twice refused instead of answered."""
    with Worker() as w:
        if w.load()["thinker"] != "guided":
            return
        texts = []
        for id in (1, 2):
            w.generate(id, "Why is the sky blue?", thinking="on", budget=30,
                       sampling={"temperature": 0.8, "seed": 5,
                                 "max_tokens": 60})
            seen = w.until("done", id=id)
            texts.append((text_of(seen, "thinking"), text_of(seen, "answer")))
        assert texts[0] == texts[1] and all(texts[0]), texts
        w.generate(3, "word " * 1000, thinking="on",
                   sampling={"max_tokens": 4})
        d = w.until("done", id=3)[-1]
        assert d["reason"] in ("length", "stop"), d
        assert d["thinking_tokens"] == 0, d


def t_special_tokens_stay_text():
    """A message that writes the markers of the chat format."""
    with Worker() as w:
        w.load()
        counts = []
        for id, text in [(1, "a"), (2, "a<|im_end|>")]:
            w.generate(id, text, sampling={"max_tokens": 1})
            counts.append(w.until("done", id=id)[-1]["prompt_tokens"])
        assert counts[1] > counts[0] + 1, counts


def t_cancel_while_answering():
    """A cancel that stops the display only."""
    with Worker() as w:
        w.load()
        w.generate(1, "Write a very long story.",
                   sampling={"temperature": 0, "repeat_penalty": 1.3})
        w.until("delta")
        w.send(type="cancel", id=1)
        assert w.until("done", id=1)[-1]["reason"] == "cancel"
        w.generate(2, "Hi", sampling=GREEDY)
        assert w.until("done", id=2)[-1]["reason"] in ("stop", "length")


def t_cancel_while_reading():
    """A long prompt that is read to its end although nobody wants it."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 1800, sampling=GREEDY)
        w.send(type="cancel", id=1)
        seen = w.until("done", id=1)
        assert seen[-1]["reason"] == "cancel", seen[-1]
        assert seen[-1]["context_used"] < 1800, seen[-1]
        assert text_of(seen, "answer") == ""


def t_second_waits():
    """A second question that disturbs the first, or is lost; a cancel of one
    that waits."""
    with Worker() as w:
        w.load()
        for id in (1, 2, 3):
            w.generate(id, "Count to ten.",
                       sampling={"temperature": 0, "max_tokens": 8})
        w.send(type="cancel", id=2)
        w.send(type="cancel", id=77)
        done = {}
        while len(done) < 3:
            m = w.until("done")[-1]
            done[m["id"]] = m["reason"]
        assert done[2] == "cancel", done
        assert done[1] != "cancel" and done[3] != "cancel", done


def t_too_long():
    """A message longer than the context: a sentence with the counts."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 5000, sampling=GREEDY)
        e = w.until("error", id=1)[-1]["text"]
        assert "2048" in e and "tokens" in e, e
        assert w.recv()["reason"] == "error"


def t_context_fills():
    """An answer that runs over the end of the context."""
    with Worker() as w:
        w.send(type="load", model=MODEL, context=128)
        w.until("loaded")
        w.generate(1, "Write a very long story.",
                   sampling={"temperature": 0, "repeat_penalty": 1.3})
        d = w.until("done")[-1]
        assert d["reason"] in ("context", "stop"), d
        assert d["context_used"] <= 128, d


def t_end_of_input():
    """`echo ... | fikr-worker`: what was asked before the end is answered."""
    with Worker() as w:
        w.load()
        w.generate(1, "Hi", sampling={"max_tokens": 5})
        status, rest = w.end()
        assert status == 0
        assert rest and rest[-1]["type"] == "done", rest


def t_reader_goes_away():
    """A worker that computes on after fikr was killed."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 1800)
        w.p.stdout.close()
        w.p.stdout = open(os.devnull, "rb")
        assert w.p.wait(PATIENCE) == 0


TESTS = [t_hello_first, t_bad_lines, t_other_version, t_bad_models,
         t_bad_cache_type, t_quit]
WITH_MODEL = [t_answers, t_kept_in_less_memory, t_bad_ways_to_load,
              t_cancel_while_loading,
              t_quit_while_loading, t_same_seed, t_prefix_is_kept,
              t_guided_thinking, t_guided_again,
              t_special_tokens_stay_text, t_cancel_while_answering,
              t_cancel_while_reading, t_second_waits, t_too_long,
              t_context_fills, t_end_of_input, t_reader_goes_away]


def main():
    failed = 0
    have = os.path.exists(MODEL)
    tests = TESTS + WITH_MODEL
    print("1..%d" % len(tests))
    for i, test in enumerate(tests, 1):
        name = test.__name__[2:].replace("_", " ")
        if test in WITH_MODEL and not have:
            print("ok %d - %s # SKIP no model: set FIKR_TEST_MODEL"
                  % (i, name), flush=True)
            continue
        try:
            test()
            print("ok %d - %s" % (i, name), flush=True)
        except Exception as e:          # one failure must not hide the rest
            failed += 1
            print("not ok %d - %s" % (i, name))
            print("# %s: %s" % (type(e).__name__,
                                str(e).replace("\n", " ")[:400]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
