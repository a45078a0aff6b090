#!/usr/bin/env python3
"""A model of DeepSeek-V3's shape in three files, tiny and random, from its
parts on the disk to an answer on the screen.  Would catch parts that are put
together wrongly, a vocabulary or a chat format that is not recognised beside
this architecture, and anything in it that depends on chance."""
import os
import shutil
import sys
import tempfile

from tap import SRC, Home, Tap
from talk import Worker, text_of

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402

PARTS = 3
SHAPE = dict(
    embd=96, ff=160, heads=4, layers=4, ctx=512, q_lora=48, kv_lora=64,
    nope=32, rope_dim=16, value=32, dense_lead=1, experts=8, used=2, shared=1,
    expert_ff=64, groups=4, groups_used=2, scaling=("yarn", 40.0, 128),
    log_mul=0.1)
SAMPLING = {"seed": 7, "temperature": 1.0, "max_tokens": 40}
QUESTION = "What is 6 times 7?"
tap = Tap()


def write(folder):
    """The path of the first part."""
    words = gguf_write.vocabulary()
    n = len(words["tokenizer.ggml.tokens"])
    made = tiny.Tiny("deepseek2", 3, vocab=n, **SHAPE)
    return gguf_write.write_split(os.path.join(folder, "tiny-v3"),
                                  {**made.keys, **words}, made.tensors,
                                  PARTS)[0]


def chat(path, **more):
    """What the worker says of the model and to the question, to its end."""
    with Worker() as w:
        loaded = w.load(model=path, context=256)
        w.generate(1, QUESTION, budget=12, sampling={**SAMPLING, **more})
        status, said = w.end()
    assert status == 0, (status, said[-2:])
    return loaded, said


def answer(path, **more):
    said = chat(path, **more)[1]
    return text_of(said, "thinking"), text_of(said, "answer")


def add(folder, path):
    @tap.case
    def the_three_parts_are_loaded_as_one():
        loaded, _ = chat(path)
        assert loaded["arch"] == "deepseek2", loaded
        assert loaded["format"] == "deepseek-r1", loaded
        size = sum(os.path.getsize(os.path.join(folder, f))
                   for f in os.listdir(folder))
        assert 0.9 * size < loaded["bytes"] <= size, (loaded["bytes"], size)

    @tap.case
    def a_turn_streams_thinking_and_an_answer():
        said = chat(path)[1]
        assert all(m["type"] != "error" for m in said), said
        done = said[-1]
        assert done["reason"] in ("stop", "length"), done
        assert 0 < done["thinking_tokens"] <= 40, done
        assert sum(m["type"] == "delta" for m in said) > 1, said
        assert text_of(said, "thinking") and text_of(said, "answer"), said

    @tap.case
    def the_same_seed_says_the_same():
        texts = [answer(path, seed=s) for s in (7, 7, 8)]
        assert texts[0] == texts[1] != texts[2], texts

    @tap.case
    def ask_answers_from_it():
        args = ("ask", "--model", path, "--seed", "7", "--budget", "12",
                "-n", "40", "--temp", "1", "--context", "256", QUESTION)
        with Home() as home:
            first = home.run(*args)
            assert first[0] == 0 and first[1].strip(), first
            assert home.run(*args) == first

    @tap.case
    def without_a_part_it_is_refused_by_name():
        with tempfile.TemporaryDirectory() as less, Worker() as w:
            for f in os.listdir(folder):
                if "00002-of" not in f:
                    shutil.copy(os.path.join(folder, f), less)
            w.hello()
            w.send(type="load", model=os.path.join(
                less, os.path.basename(path)), context=256)
            error = w.until("error")[-1]
        assert "00002-of-00003" in error["text"], error


with tempfile.TemporaryDirectory() as scratch:
    add(scratch, write(scratch))
    status = tap.run()
raise SystemExit(status)
