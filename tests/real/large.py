#!/usr/bin/env python3
"""Real models of the size that people run, where they are: a conversation with
Qwen2.5-Coder-1.5B, and the true header of DeepSeek-R1-Distill-Qwen-7B in a file
that ends early.  Would catch what tiny random models cannot show, that words
come out right: in two scripts, across turns, after a stop, in every cache.

The models are looked for in FIKR_TEST_MODELS, else in ~/.cache/fikr-models.
FIKR_TEST_LONG=1 asks for the perplexity too, which takes minutes."""
import json
import os
import subprocess

from talk import Worker, text_of
from tap import SRC, Home, Tap, program

FOLDER = os.environ.get("FIKR_TEST_MODELS") or os.path.expanduser(
    "~/.cache/fikr-models")
QWEN = os.path.join(FOLDER, "Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf")
R1_HEAD = os.path.join(FOLDER, "DeepSeek-R1-Distill-Qwen-7B.Q4_K_M.head.gguf")
CALM = {"temperature": 0, "max_tokens": 40}
MINUTES = 3600          # seconds, for the figure
tap = Tap()


def needs(path):
    return ("no model at %s (FIKR_TEST_MODELS)" % path, os.path.exists(path))


LONG = ("it takes minutes: set FIKR_TEST_LONG=1",
        bool(os.environ.get("FIKR_TEST_LONG")))


def engine(*args, **more):
    r = subprocess.run([program("fikr-engine"), *args], capture_output=True,
                       **more)
    return r.returncode, r.stdout.decode(), r.stderr.decode()


class Talk:
    """A conversation that grows turn by turn."""

    def __init__(self, worker):
        self.worker, self.messages = worker, []

    def say(self, text, stop_after=None, **sampling):
        """The answer and its end; stopped after so many pieces of it."""
        id = len(self.messages) + 1
        self.messages.append({"role": "user", "text": text})
        self.worker.generate(id, text, messages=self.messages, thinking="off",
                             sampling={**CALM, **sampling})
        said = []
        if stop_after:
            for _ in range(stop_after):
                said += self.worker.until("delta", channel="answer")
            self.worker.send(type="cancel", id=id)
        said += self.worker.until("done", id=id)
        answer = text_of(said, "answer")
        self.messages.append({"role": "assistant", "text": answer})
        return answer, said[-1]


@tap.needing(needs(QWEN))
def a_conversation_in_two_scripts():
    with Worker() as w:
        loaded = w.load(model=QWEN)
        assert loaded["format"] == "qwen2.5", loaded
        talk = Talk(w)
        answer, done = talk.say("What is the capital of France?")
        assert "Paris" in answer and done["reason"] == "stop", (answer, done)
        before = done["prompt_tokens"]
        answer, done = talk.say("And of Egypt?")
        assert "Cairo" in answer, answer
        assert done["prompt_tokens"] > before, done
        answer, done = talk.say("ما هي عاصمة مصر؟ أجب بالعربية.")
        assert "القاهرة" in answer, answer
        answer, done = talk.say("Count from 1 to 100.", stop_after=3,
                                max_tokens=400)
        assert done["reason"] == "cancel" and answer, (answer, done)
        answer, _ = talk.say("Which country's capital did I ask for first? "
                             "Answer with its name only.")
        assert "France" in answer, answer


@tap.needing(needs(QWEN))
def smaller_caches_say_the_same():
    for kind in ("f32", "q8_0"):
        with Worker() as w:
            w.load(model=QWEN, context=512, kv=kind)
            answer, _ = Talk(w).say("What is the capital of France?")
            assert "Paris" in answer, (kind, answer)


@tap.needing(needs(QWEN), LONG)
def perplexity_of_the_licence_is_1_76():
    status, out, err = engine("perplexity", "-c", "512", QWEN,
                              os.path.join(SRC, "COPYING"), timeout=MINUTES)
    assert status == 0, err[-300:]
    figure = float(out.split()[-1])
    assert abs(figure / 1.76 - 1) < 0.01, figure


@tap.needing(needs(R1_HEAD))
def a_download_of_r1_is_inspected():
    status, out, _ = engine("inspect", "--json", R1_HEAD)
    f = json.loads(out)
    assert status == 1 and not f["runs"] and len(f["wrong"]) == 1, f["wrong"]
    assert (f["architecture"], f["layers"], f["heads_kv"]) == ("qwen2", 28, 4)
    assert f["parameters"] == 7615616512 and f["context"] == 131072, f
    assert f["tokenizer"]["pre"] == "deepseek-r1-qwen", f["tokenizer"]
    assert f["chat"]["thinking"] == ["<think>", "</think>"], f["chat"]
    assert f["bytes"] < f["bytes_wanted"], f


@tap.needing(needs(R1_HEAD))
def a_download_of_r1_is_refused_in_a_sentence():
    with Home() as home:
        status, out, err = home.run("ask", "--model", R1_HEAD, "Hello")
    assert status == 1 and not out and err.count("\n") == 1, (status, out, err)
    assert "is cut short" in err and "download" in err, err


raise SystemExit(tap.run())
