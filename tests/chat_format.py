#!/usr/bin/env python3
"""Chat formats through the real programs: `fikr-engine render`, and a worker
that is told one, or meets a template that nobody knows.  Output is TAP.

FIKR_TEST_MODEL: a ChatML model.
"""

import json
import os
import subprocess
import tempfile

import tap
from tap import MODEL
from talk import Worker, text_of

ENGINE = tap.program("fikr-engine")
OWN = """\
user: {open: "<|im_start|>user\\n", close: "<|im_end|>\\n"}
assistant: {open: "<|im_start|>assistant\\n", close: "<|im_end|>\\n"}
"""
MESSAGES = [{"role": "user", "content": "Hi"}]
tests = tap.Tap()
GREEDY = {"temperature": 0, "max_tokens": 60}


def render(lines, *options):
    feed = "".join(json.dumps(line) + "\n" for line in lines)
    r = subprocess.run([ENGINE, "render", *options], input=feed.encode(),
                       capture_output=True)
    return r, [json.loads(line) for line in r.stdout.decode().split("\n")
               if line]


def written(text, name="own.yaml"):
    """A folder with this file in it, and its path."""
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return folder, path


@tests.case
def unknown_is_said():
    """The plain format used without saying so, or passed off as known."""
    r, out = render([{"template": "{{ '[[user]]' }}", "messages": MESSAGES},
                     {"messages": MESSAGES}])
    assert r.returncode == 0 and len(out) == 2
    for o in out:
        assert o["format"] is None and "--chat-format" in o["note"]
        assert o["text"] == "User: Hi\n\nAssistant:"


@tests.case
def named_is_used():
    """An option that the file's template goes before."""
    line = {"template": "{{'<|im_start|><|im_end|>'}}", "messages": MESSAGES}
    r, out = render([line], "--chat-format", "gemma")
    assert r.returncode == 0 and out[0]["format"] == "gemma"
    assert out[0]["text"] == ("<bos><start_of_turn>user\nHi<end_of_turn>\n"
                              "<start_of_turn>model\n")
    folder, path = written(OWN + "bos: <B>\n")
    with folder:
        r, out = render([line], "--chat-format", path)
        assert r.returncode == 0 and out[0]["format"] == "own"
        assert out[0]["text"].startswith("<B><|im_start|>user\nHi")
    r, out = render([{"messages": 3}])
    assert r.returncode == 1 and b"no list" in r.stderr and not out
    r, out = render([line], "--chat-format", "gema")
    assert r.returncode == 1 and b"gemma" in r.stderr and not out


@tests.case
def told_and_chosen():
    """What the template is told mixed up with what a person chose."""
    tmpl = ("<|im_end|>{{ reasoning_content }}{{ '<|im_start|>assistant\\n' }}"
            "{% if enable_thinking is false %}{{ '<think>\\n\\n</think>' }}")
    soft = [{"role": "user", "content": "Hi /no_think"}]
    closed = "<think>\n\n</think>\n\n"
    for said, messages, ends in [(None, soft, False), (True, soft, False),
                                 (False, MESSAGES, True), ("auto", soft, True),
                                 ("on", soft, False), ("off", soft, True)]:
        r, out = render([{"template": tmpl, "messages": messages,
                          "thinking": said}])
        assert out[0]["format"] == "qwen3"
        assert out[0]["text"].endswith(closed) == ends, said
    r, out = render([{"messages": MESSAGES, "thinking": "maybe"}])
    assert r.returncode == 1 and b"line 1" in r.stderr


@tests.needing(tap.NEEDS_MODEL)
def stop_text():
    """A text that ends a turn shown, or the turn going on after it."""
    folder, path = written(OWN + "stop: ['paris', 'Paris']\n")
    with folder, Worker() as w:
        assert w.load(chat_format=path)["format"] == "own"
        w.generate(1, "What is the capital of France?", sampling=GREEDY)
        seen = w.until("done")
        answer = text_of(seen, "answer")
        assert seen[-1]["reason"] == "stop", seen[-1]
        assert answer and "aris" not in answer, answer
        # and the next turn is not stopped by the last one
        w.generate(2, "Say hello.", sampling=GREEDY)
        assert text_of(w.until("done"), "answer")


@tests.needing(tap.NEEDS_MODEL)
def plain_ends():
    """A model in the plain format that goes on as the user."""
    with Worker() as w:
        assert w.load(chat_format="plain")["format"] == "plain"
        for thinking in ["off", "on"]:
            w.generate(1, "What colour is the sky?", thinking=thinking,
                       sampling=dict(GREEDY, max_tokens=300))
            seen = w.until("done")
            answer = text_of(seen, "answer")
            assert answer and "User:" not in answer, answer
            assert not answer.startswith(" "), answer


@tests.needing(tap.NEEDS_MODEL)
def bad_formats():
    """A format that cannot be used ending the worker, or ignored."""
    folder, path = written(OWN + "colour: red\n")
    with folder, Worker() as w:
        w.recv()
        w.hello()
        for name, why in [(path, "own.yaml:3: unknown key"),
                          ("gema", "there is no chat format"),
                          ("/no/such.yaml", "/no/such.yaml")]:
            w.send(type="load", model=MODEL, context=512, chat_format=name)
            text = w.until("error")[-1]["text"]
            assert why in text, text
        w.send(type="load", model=MODEL, context=512, chat_format="chatml")
        assert w.until("loaded")[-1]["format"] == "chatml"


@tests.needing(tap.NEEDS_MODEL)
def unknown_template():
    """A model with a template of its own kind refused, or used in silence."""
    with tempfile.NamedTemporaryFile(suffix=".gguf") as copy:
        with open(MODEL, "rb") as f:
            data = bytearray(f.read())
        at = data.index(b"tokenizer.chat_template")
        while 0 <= (i := data.find(b"<|im_start|>", at, at + 4096)):
            data[i:i + 12] = b"<|my_start|>"
        copy.write(data)
        copy.flush()
        with Worker() as w:
            loaded = w.load(model=copy.name, context=512)
            assert loaded["format"] == "plain"
            assert any("--chat-format" in n for n in loaded["notes"])
            w.generate(1, "Hello", sampling=GREEDY)
            assert text_of(w.until("done"), "answer")


raise SystemExit(tests.run())
