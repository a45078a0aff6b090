#!/usr/bin/env python3
"""Drive the real fikr-worker by hand, over pipes.  Output is TAP."""

import fcntl
import hashlib
import os
import sys
import tempfile
import time

from tap import MODEL, NEEDS_MODEL, PATIENCE, SRC, Tap
from talk import VERSION, Worker, text_of

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402

tap = Tap()
F_SETPIPE_SZ = 1031  # of Linux; not in older versions of fcntl
GREEDY = {"temperature": 0, "max_tokens": 40}


@tap.case
def hello_first():
    """A worker that speaks before, or other than, its hello."""
    with Worker() as w:
        assert w.recv() == {"type": "hello", "version": VERSION,
                            "program": "fikr-worker"}
        assert w.end() == (0, [])


@tap.case
def bad_lines():
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


@tap.case
def other_version():
    """Going on with somebody who speaks another version."""
    with Worker() as w:
        w.recv()
        w.send(type="hello", version=99, program="x")
        assert "99" in w.recv()["text"]
        w.send(type="load", model="/nowhere")
        assert "hello" in w.recv()["text"]


@tap.case
def bad_models():
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


@tap.case
def quit():
    """A quit that is not obeyed at once."""
    with Worker() as w:
        w.recv()
        w.send(type="quit")
        assert w.recv() is None
        assert w.p.wait(PATIENCE) == 0


@tap.needing(NEEDS_MODEL)
def answers():
    """The way from a question to its answer, and what is counted."""
    with Worker() as w:
        info = w.load()
        assert info["context"] == 2048 and info["bytes"] > 0, info
        w.generate(1, "What is the capital of France?", sampling=GREEDY)
        seen = w.until("done")
        assert all(m.get("id") == 1 for m in seen)
        assert text_of(seen, "answer").strip()
        assert text_of(seen, "thinking") == ""
        d = seen[-1]
        assert d["reason"] in ("stop", "length"), d
        assert d["prompt_tokens"] > 5 and d["thinking_tokens"] == 0, d
        assert 0 < d["answer_tokens"] <= 40, d
        assert d["digest"].startswith("sha256"), d
        if os.path.getsize(MODEL) <= 1 << 30:
            with open(MODEL, "rb") as f:
                assert d["digest"] == "sha256:" + hashlib.sha256(
                    f.read()).hexdigest(), d
        assert any(m["type"] == "progress" and m["what"] == "read"
                   for m in seen)


@tap.needing(NEEDS_MODEL)
def kept_in_less_memory():
    """A type of the cache that cannot be asked for, or spoils answers; notes
    on a model that there is nothing to say about."""
    for kv in ("f32", "q8_0"):
        with Worker() as w:
            assert w.load(kv=kv)["notes"] == []
            w.generate(1, "What is the capital of France?", sampling=GREEDY)
            assert "Paris" in text_of(w.until("done"), "answer"), kv


@tap.needing(NEEDS_MODEL)
def no_more_threads_than_cores():
    """Threads that wait for each other's cores, or are taken away unsaid."""
    cores = len(os.sched_getaffinity(0))
    with Worker() as w:
        notes = w.load(threads=cores + 1)["notes"]
        assert len(notes) == 1 and str(cores + 1) in notes[0], notes
    with Worker() as w:
        assert w.load(threads=1)["notes"] == []


@tap.case
def unknown_kernels():
    """A wrong FIKR_CPU that ends the worker, or is not said to be the cause."""
    with Worker(FIKR_CPU="dance") as w:
        w.hello()
        w.send(type="load", model="/gone.gguf")
        text = w.until("error")[-1]["text"]
        assert "FIKR_CPU" in text and "dance" in text and "scalar" in text, \
            text
        assert "\n" not in text, text
        assert w.end()[0] == 0


@tap.case
def bad_cache_type():
    """A word that is no type of the cache, taken for one."""
    with Worker() as w:
        w.recv()
        w.send(type="load", model=MODEL, kv="q4_0")
        assert "kv" in w.recv()["text"]
        assert w.end() == (0, [])


@tap.needing(NEEDS_MODEL)
def bad_ways_to_load():
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
    """A model with 1.5 GiB of experts, which are holes in the file."""
    path = os.path.join(dir, "slow.gguf")
    words = gguf_write.vocabulary()
    experts, width = 256, 16384
    made = tiny.Tiny("qwen3moe", 5, layers=2, experts=experts, expert_ff=1,
                     vocab=len(words["tokenizer.ggml.tokens"]))
    made.set("expert_feed_forward_length", width)
    for i, t in enumerate(made.tensors):
        if "_exps" in t.name:
            made.tensors[i] = gguf_write.Tensor(
                t.name, [n if n > 1 else width for n in t.ne], t.kind,
                gguf_write.Zeros(2 * width * experts * made.d["embd"]))
    gguf_write.write(path, {**made.keys, **words}, made.tensors)
    return path


@tap.case
def cancel_while_loading():
    """A cancel that is heard only when the model is there."""
    with Worker(FIKR_MEMORY="65536") as w, \
            tempfile.TemporaryDirectory() as dir:
        w.send(type="load", model=slow_model(dir))
        w.generate(1, "Hi")
        w.until("progress")
        w.send(type="cancel", id=1)
        seen = w.until("done", id=1)
        assert seen[-1]["reason"] == "cancel", seen[-1]
        assert all(m["type"] != "loaded" for m in seen), seen


@tap.case
def quit_while_loading():
    """A quit that waits until a large model is read."""
    with Worker(FIKR_MEMORY="65536") as w, \
            tempfile.TemporaryDirectory() as dir:
        w.send(type="load", model=slow_model(dir))
        w.until("progress")
        w.send(type="quit")
        assert w.p.wait(PATIENCE) == 0
        while (m := w.recv()) is not None:
            assert m["type"] == "progress", m


@tap.needing(NEEDS_MODEL)
def same_seed():
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


@tap.needing(NEEDS_MODEL)
def prefix_is_kept():
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


@tap.needing(NEEDS_MODEL)
def guided_thinking():
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


@tap.needing(NEEDS_MODEL)
def guided_again():
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


SEA = [{"role": "user", "text": "Write about the sea."}]
SKY = [{"role": "user", "text": "Why is the sky blue?"}]


def reply(text):
    return {"role": "assistant", "text": text}


def deltas(w, n, id):
    """Everything up to the n-th delta of a generation."""
    seen = []
    while n:
        seen += w.until("delta")
        n -= seen[-1]["id"] == id
    return seen


def stopped(w, n, id):
    """Everything of a generation that is cancelled after n deltas."""
    seen = deltas(w, n, id)
    w.send(type="cancel", id=id)
    return seen + w.until("done", id=id)


@tap.needing(NEEDS_MODEL)
def goes_on():
    """An answer that goes on otherwise than if it had not been stopped, or
    reads again what is there; a measure that is not what is read then."""
    with Worker() as w:
        w.load()
        w.generate(1, "", messages=SEA, sampling=GREEDY)
        whole = text_of(w.until("done"), "answer")
        for id, n in ((10, 1), (20, 9), (30, 30)):
            w.generate(id, "", messages=SEA, sampling=GREEDY)
            seen = stopped(w, n, id)
            part, wrote = text_of(seen, "answer"), seen[-1]["answer_tokens"]
            assert seen[-1]["reason"] == "cancel"
            messages = SEA + [reply(part)]
            w.send(type="measure", id=id + 1, messages=messages)
            m = w.until("measured")[-1]
            w.generate(id + 2, "", messages=messages, sampling={
                **GREEDY, "max_tokens": 40 - wrote})
            seen = w.until("done", id=id + 2)
            assert part + text_of(seen, "answer") == whole, (part, seen)
            d = seen[-1]
            assert (m["tokens"], m["cached"]) == (
                d["prompt_tokens"], d["cached_tokens"]), (m, d)
            assert d["cached_tokens"] >= d["prompt_tokens"] - 2, d
            assert m["ends"][-1] == m["tokens"] and m["ends"][0] < m["ends"][1]


@tap.needing(NEEDS_MODEL)
def thought_goes_on():
    """A guided thought that goes on otherwise than if it had not been stopped;
    an answer that thinks anew although its thought is given."""
    with Worker() as w:
        if w.load()["thinker"] != "guided":
            return
        how = {"thinking": "on", "sampling": GREEDY, "budget": 30}
        w.generate(1, "", messages=SKY, **how)
        seen = w.until("done")
        thought, answer = (text_of(seen, c) for c in ("thinking", "answer"))
        w.generate(2, "", messages=SKY, **how)
        seen = stopped(w, 8, 2)
        part, wrote = text_of(seen, "thinking"), seen[-1]["thinking_tokens"]
        assert part and text_of(seen, "answer") == ""
        w.generate(3, "", messages=SKY + [reply("")], thought=part,
                   thought_open=True, thinking="on", budget=30 - wrote,
                   sampling={**GREEDY, "max_tokens": 40 - wrote})
        seen = w.until("done", id=3)
        assert part + text_of(seen, "thinking") == thought
        assert text_of(seen, "answer") == answer
        at = answer.index(" ")
        w.generate(4, "", messages=SKY + [reply(answer[:at])],
                   thought=thought, sampling=GREEDY)
        seen = w.until("done", id=4)
        assert text_of(seen, "thinking") == ""
        assert text_of(seen, "answer").startswith(answer[at:]), seen


def think_native(w):
    """The default model in a format that opens a thought, which it never
    closes."""
    assert w.load(chat_format="deepseek-r1")["thinker"] == "native"


@tap.needing(NEEDS_MODEL)
def answers_now():
    """An answer_now that is not heard, that is taken for a cancel, or that
    harms an answer; of guided and native thoughts, at their beginning, too."""
    for native in (False, True):
        with Worker() as w:
            if native:
                think_native(w)
            elif w.load()["thinker"] != "guided":
                continue
            how = {"thinking": "on", "budget": 1500,
                   "sampling": {**GREEDY, "max_tokens": 200}}
            w.generate(1, "", messages=SKY, **how)
            seen = deltas(w, 5, 1)
            w.send(type="answer_now", id=1)
            seen += w.until("done")
            assert 0 < seen[-1]["thinking_tokens"] < 100, seen[-1]
            assert text_of(seen, "answer").strip(), native
            assert seen[-1]["reason"] in ("stop", "length"), seen[-1]
            w.generate(2, "", messages=SKY, **how)
            w.send(type="answer_now", id=2)
            seen = w.until("done", id=2)
            assert seen[-1]["thinking_tokens"] < 100, seen[-1]
            assert seen[-1]["answer_tokens"] > 0, seen[-1]
            w.generate(3, "", messages=SEA, thinking="off", sampling=GREEDY)
            w.until("delta")
            w.send(type="answer_now", id=3)
            assert w.until("done", id=3)[-1]["answer_tokens"] > 10


@tap.needing(NEEDS_MODEL)
def steered():
    """Words for a thought that are not shown, come out changed (pitfall 17:
    tags in them are parsed), or are shown in an answer."""
    words = " But what of Mars? Not </think> yet, <|im_end|> either."
    for native in (False, True):
        with Worker() as w:
            if native:
                think_native(w)
            elif w.load()["thinker"] != "guided":
                continue
            w.generate(1, "", messages=SKY, thinking="on", budget=60,
                       sampling={**GREEDY, "max_tokens": 90})
            seen = deltas(w, 4, 1)
            w.send(type="steer", id=1, text=words)
            seen += w.until("done")
            thought = text_of(seen, "thinking")
            assert words in thought, thought
            assert thought.split(words)[1].strip(), thought
            assert "Mars" not in text_of(
                [m for m in seen if m.get("text") == words], "answer")
            w.generate(2, "", messages=SEA, thinking="off", sampling=GREEDY)
            w.until("delta")
            w.send(type="steer", id=2, text=words)
            assert words not in text_of(w.until("done", id=2), "answer")


@tap.needing(NEEDS_MODEL)
def native_thought_goes_on():
    """A native thought or its answer that is begun anew, and not gone on
    with."""
    with Worker() as w:
        think_native(w)
        w.generate(1, "", messages=SKY, sampling=GREEDY, budget=20)
        seen = w.until("done")
        thought, answer = (text_of(seen, c) for c in ("thinking", "answer"))
        assert thought and answer
        w.generate(2, "", messages=SKY, sampling=GREEDY, budget=20)
        seen = stopped(w, 8, 2)
        part, wrote = text_of(seen, "thinking"), seen[-1]["thinking_tokens"]
        w.generate(3, "", messages=SKY + [reply("")], thought=part,
                   thought_open=True, budget=20 - wrote,
                   sampling={**GREEDY, "max_tokens": 40 - wrote})
        seen = w.until("done", id=3)
        assert part + text_of(seen, "thinking") == thought, seen
        assert text_of(seen, "answer") == answer, seen
        w.generate(4, "", messages=SKY + [reply(answer)], thought=thought,
                   sampling=GREEDY)
        d = w.until("done", id=4)[-1]
        assert d["cached_tokens"] >= d["prompt_tokens"] - 2, d
        assert d["thinking_tokens"] == 0, d


@tap.needing(NEEDS_MODEL)
def time_for_thoughts():
    """A limit in time that does not end a thought."""
    for native in (False, True):
        with Worker() as w:
            if native:
                think_native(w)
            elif w.load()["thinker"] != "guided":
                continue
            w.generate(1, "", messages=SKY, thinking="on", budget=1500,
                       budget_ms=1, sampling={**GREEDY, "max_tokens": 60})
            d = w.until("done")[-1]
            assert d["thinking_tokens"] < 10 < d["answer_tokens"], d


@tap.needing(NEEDS_MODEL)
def slots_at_once():
    """Generations of two slots that wait for each other, or are written
    otherwise than alone; also while a long prompt is read for one."""
    long = [{"role": "user", "text": "word " * 900 + "What is this?"}]
    alone = []
    for messages in (SEA, long):
        with Worker() as w:
            w.load()
            w.generate(1, "", messages=messages, sampling=GREEDY)
            alone.append(text_of(w.until("done"), "answer"))
    with Worker() as w:
        w.load()
        w.generate(1, "", messages=SEA, sampling=GREEDY)
        seen = w.until("delta")
        w.generate(2, "", messages=long, sampling=GREEDY, slot=3)
        w.send(type="measure", id=3, messages=long)
        done = 0
        while done < 2:
            seen.append(w.recv())
            done += seen[-1]["type"] == "done"
        of = {id: [m for m in seen if m.get("id") == id] for id in (1, 2, 3)}
        for id in (1, 2):
            assert text_of(of[id], "answer") == alone[id - 1], of[id]
        assert of[3][0]["type"] == "measured", of[3]
        assert of[3][0]["tokens"] == of[2][-1]["prompt_tokens"]
        order = [m["id"] for m in seen if m["type"] in ("delta", "progress")]
        assert 1 in order[order.index(2):], "the second waited"
        assert seen.index(of[3][0]) < seen.index(of[1][-1]), "measured late"


@tap.needing(NEEDS_MODEL)
def limits():
    """Limits that are missing or absurd."""
    with Worker() as w:
        w.load()
        w.send(type="limits")
        m = w.until("limits")[-1]
        assert m["decode_bytes"] > 1 << 20, m
        assert 1 << 10 < m["kv_bytes_token"] < 1 << 24, m
        assert m["threads"] >= 1 and m["read_bytes_s"] >= 0, m


@tap.needing(NEEDS_MODEL)
def says_that_it_loops():
    """A loop that nobody is told of, or that is told of again and again."""
    with Worker() as w:
        w.load()
        w.generate(1, "", messages=SEA + [reply("no " * 50 + "no")],
                   sampling={"temperature": 0, "repeat_penalty": 1,
                             "max_tokens": 150})
        seen = [m for m in w.until("done") if m["type"] == "looping"]
        assert seen == [{"type": "looping", "id": 1, "period": 1}], seen


@tap.needing(NEEDS_MODEL)
def switches_the_model():
    """A load that waits for an answer, leaves it without a done, or keeps the
    old cache."""
    with Worker() as w:
        w.load()
        w.generate(1, "", messages=SEA)
        w.generate(2, "", messages=SEA)
        w.until("delta")
        w.send(type="load", model=MODEL, context=1024)
        seen = w.until("loaded")
        assert seen[-1]["context"] == 1024
        done = {m["id"]: m["reason"] for m in seen if m["type"] == "done"}
        assert done == {1: "cancel", 2: "cancel"}, done
        w.send(type="measure", id=3, messages=SEA)
        assert w.until("measured")[-1]["cached"] == 0


@tap.needing(NEEDS_MODEL)
def waits_for_its_reader():
    """Pitfall 20: a worker that goes on computing, and gathers what nobody
    reads, while the screen is suspended.  Once it sleeps, a cancel still
    finds the generation under way."""
    def time_used():
        with open(f"/proc/{w.p.pid}/stat") as f:
            words = f.read().rsplit(")", 1)[1].split()
        return words[0], words[11], words[12]

    with Worker() as w:
        fcntl.fcntl(w.p.stdout, F_SETPIPE_SZ, 4096)
        w.load()
        w.generate(1, "Write a very long story.", sampling={
            "temperature": 0, "repeat_penalty": 1.3, "max_tokens": 400})
        same = 0
        was = None
        while same < 20:
            time.sleep(0.02)
            now = time_used()
            same = same + 1 if now == was and now[0] == "S" else 0
            was = now
        w.send(type="cancel", id=1)
        seen = w.until("done")
        assert seen[-1]["reason"] == "cancel", seen[-1]
        w.generate(2, "Hi", sampling=GREEDY)
        late = [m for m in w.until("done", id=2) if m.get("id") == 1]
        assert not late, late


@tap.needing(NEEDS_MODEL)
def special_tokens_stay_text():
    """Pitfall 17: a message that writes the markers of the chat format."""
    with Worker() as w:
        w.load()
        counts = []
        for id, text in [(1, "a"), (2, "a<|im_end|>")]:
            w.generate(id, text, sampling={"max_tokens": 1})
            counts.append(w.until("done", id=id)[-1]["prompt_tokens"])
        assert counts[1] > counts[0] + 1, counts


@tap.needing(NEEDS_MODEL)
def cancel_while_answering():
    """Pitfall 20: a cancel that stops the display only."""
    with Worker() as w:
        w.load()
        w.generate(1, "Write a very long story.",
                   sampling={"temperature": 0, "repeat_penalty": 1.3})
        w.until("delta")
        w.send(type="cancel", id=1)
        assert w.until("done", id=1)[-1]["reason"] == "cancel"
        w.generate(2, "Hi", sampling=GREEDY)
        assert w.until("done", id=2)[-1]["reason"] in ("stop", "length")


@tap.needing(NEEDS_MODEL)
def cancel_while_reading():
    """A long prompt that is read to its end although nobody wants it."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 1800, sampling=GREEDY)
        w.send(type="cancel", id=1)
        seen = w.until("done", id=1)
        assert seen[-1]["reason"] == "cancel", seen[-1]
        assert seen[-1]["context_used"] < 1800, seen[-1]
        assert text_of(seen, "answer") == ""


@tap.needing(NEEDS_MODEL)
def second_waits():
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


@tap.needing(NEEDS_MODEL)
def too_long():
    """A message longer than the context: a sentence with the counts."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 5000, sampling=GREEDY)
        e = w.until("error", id=1)[-1]["text"]
        assert "2048" in e and "tokens" in e, e
        assert w.recv()["reason"] == "error"


@tap.needing(NEEDS_MODEL)
def context_fills():
    """An answer that runs over the end of the context."""
    with Worker() as w:
        w.send(type="load", model=MODEL, context=128)
        w.until("loaded")
        w.generate(1, "Write a very long story.",
                   sampling={"temperature": 0, "repeat_penalty": 1.3})
        d = w.until("done")[-1]
        assert d["reason"] in ("context", "stop"), d
        assert d["context_used"] <= 128, d


@tap.needing(NEEDS_MODEL)
def end_of_input():
    """`echo ... | fikr-worker`: what was asked before the end is answered."""
    with Worker() as w:
        w.load()
        w.generate(1, "Hi", sampling={"max_tokens": 5})
        status, rest = w.end()
        assert status == 0
        assert rest and rest[-1]["type"] == "done", rest


@tap.needing(NEEDS_MODEL)
def reader_goes_away():
    """A worker that computes on after fikr was killed."""
    with Worker() as w:
        w.load()
        w.generate(1, "word " * 1800)
        w.p.stdout.close()
        w.p.stdout = open(os.devnull, "rb")
        assert w.p.wait(PATIENCE) == 0


raise SystemExit(tap.run())
