#!/usr/bin/env python3
"""A conversation that is gone on with in another process, from what is kept on
disk of what the model had read (worker_keep.c, snapshot.h).  Output is TAP.

    tests/reopen.py bench [TOKENS]   how soon it answers, with and without;
                                     --json: for programs
    tests/reopen.py WORD             the cases named so"""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import (MODEL, NEEDS_MODEL, NEEDS_TMUX, PATIENCE, SRC, Home, Tap,
                 program)
from talk import Worker, text_of

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
sys.path.insert(0, os.path.join(SRC, "tests", "real"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402
from tmux import Tmux  # noqa: E402

WORDS = "The river bends twice before the mill and then runs to the sea. "
SAMPLING = {"temperature": 0.8, "seed": 7, "max_tokens": 24}
tap = Tap()


class Folder(tempfile.TemporaryDirectory):
    """Of snapshots."""

    def __init__(self):
        super().__init__(prefix="reopen.")

    def __enter__(self):
        return self

    def names(self):
        return sorted(os.listdir(self.name))

    def file(self, name):
        """The path of the one kept as this, once it is there."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = [n for n in self.names()
                     if n.startswith(name + ".") and n.endswith(".kv")]
            if found:
                return os.path.join(self.name, found[0])
            time.sleep(0.02)
        raise AssertionError("nothing was kept of " + name)


class Talk:
    """A conversation, which any worker can be asked to go on with."""

    def __init__(self, keep, sentences=8, **more):
        self.messages = [{"role": "user", "text": keep + WORDS * sentences}]
        self.more = {"thinking": "off", "sampling": SAMPLING, **more}
        if keep:
            self.more["keep"] = keep

    def ask(self, w, id, **more):
        """The tokens of the next answer, and its done."""
        w.send(type="generate", id=id, messages=self.messages,
               **{**self.more, **more})
        seen = w.until("done", id=id)
        assert seen[-1]["reason"] in ("stop", "length"), seen[-1]
        self.answer = text_of(seen, "answer")
        return [i for m in seen if m["type"] == "delta"
                for i in m.get("ids", [])], seen[-1]

    def go_on(self, text="And then?"):
        self.messages += [{"role": "assistant", "text": self.answer},
                          {"role": "user", "text": text}]


def second_answers(model, again=False, sentences=8, **load):
    """The second answer of a worker that wrote the first, and of one that has
    it from the disk: of each the tokens and the done."""
    with Folder() as kept, Folder() as copy:
        talk = Talk("talk-1", sentences)
        with Worker() as w:
            w.load(model=model, snapshots=kept.name, **load)
            talk.ask(w, 1)
            shutil.copy(kept.file("talk-1"), copy.name)
            if not again:
                talk.go_on()
            stayed = talk.ask(w, 2)
        with Worker() as w:
            w.load(model=model, snapshots=copy.name, **load)
            returned = talk.ask(w, 3)
        return stayed, returned


def check_same(*how, **load):
    stayed, returned = second_answers(*how, **load)
    assert len(returned[0]) > 5, returned
    assert returned[0] == stayed[0], (stayed[0], returned[0])
    for key in ("prompt_tokens", "cached_tokens", "context_used"):
        assert returned[1][key] == stayed[1][key], key
    assert returned[1]["cached_tokens"] > 100, returned[1]


@tap.needing(NEEDS_MODEL)
def the_same_bits():
    """A row, a score or a token that is not what it was."""
    check_same(MODEL)
    check_same(MODEL, kv="q8_0")


@tap.needing(NEEDS_MODEL)
def the_same_question():
    """A prompt that is read again, to other bits, when all that is wanted is
    another answer."""
    check_same(MODEL, True)


@tap.needing(NEEDS_MODEL)
def through_blas():
    """Prompts whose bits hang on how many rows are multiplied together."""
    os.environ["FIKR_PANELS"] = "off"
    try:
        check_same(MODEL)
    finally:
        del os.environ["FIKR_PANELS"]


def tiny_model(folder, arch, **dims):
    path = os.path.join(folder, arch + ".gguf")
    words = gguf_write.vocabulary()
    made = tiny.Tiny(arch, 5, ctx=2048, layers=4, embd=64, ff=96,
                     vocab=len(words["tokenizer.ggml.tokens"]), **dims)
    gguf_write.write(path, {**made.keys, **words}, made.tensors)
    return path


@tap.case
def windows_and_latents():
    """Rings of sliding layers that are not taken up where they were, and rows
    that are shared by keys and values."""
    with tempfile.TemporaryDirectory() as dir:
        check_same(tiny_model(dir, "gemma3", head_dim=16, extra={
            "attention.sliding_window": 40}), False, 14)
        check_same(tiny_model(dir, "deepseek2", kv_lora=24, experts=4,
                              expert_ff=8))
        check_same(tiny_model(dir, "qwen3moe", experts=4, expert_ff=8,
                              head_dim=16))


@tap.needing(NEEDS_MODEL)
def nothing_private():
    """A state on disk that nobody gave a name, or with the setting off."""
    with Folder() as kept:
        with Worker() as w:
            w.load(snapshots=kept.name)
            Talk("").ask(w, 1)
            Talk("").ask(w, 2, keep="")
            assert w.end()[0] == 0
        with Worker(XDG_CACHE_HOME=kept.name) as w:
            w.load()
            Talk("talk-1").ask(w, 1)
            assert w.end()[0] == 0
        assert kept.names() == []


@tap.needing(NEEDS_MODEL)
def names():
    """A name that leads out of the folder."""
    with Folder() as kept, Worker() as w:
        w.load(snapshots=kept.name)
        for name in ("../x", "a.b", "a" * 32, "é"):
            w.generate(1, "Hi", keep=name)
            assert "keep" in w.until("error")[-1]["text"]


@tap.needing(NEEDS_MODEL)
def kept_at_the_end():
    """What was not written yet is lost when the input ends, on quit, or with
    another model."""
    for how in ("end", "quit", "load"):
        with Folder() as kept, Worker() as w:
            w.load(snapshots=kept.name)
            Talk("talk-1").ask(w, 1)
            if how == "quit":
                w.send(type="quit")
            if how == "load":
                w.send(type="load", model=MODEL)
                w.until("loaded")
            else:
                assert w.end()[0] == 0
            path = os.path.join(kept.name, kept.names()[0])
            assert os.stat(path).st_mode & 0o777 == 0o600
            assert len(kept.names()) == 1, kept.names()


@tap.needing(NEEDS_MODEL)
def a_slot_changes_hands():
    """What a slot held when it was given to another conversation is lost, or
    the other one's is kept under its name."""
    with Folder() as kept:
        a, b = Talk("talk-a"), Talk("talk-b")
        with Worker() as w:
            w.load(snapshots=kept.name)
            a.ask(w, 1)
            b.ask(w, 2)
            kept.file("talk-a")
            Talk("").ask(w, 3)
            a.go_on()
            answer, d = a.ask(w, 4)
            assert w.end()[0] == 0
        assert [n.split(".")[0] for n in kept.names()] == \
            ["talk-a", "talk-b"], kept.names()
        b.go_on()
        with Worker() as w:
            w.load(snapshots=kept.name)
            for talk in (a, b):
                assert talk.ask(w, 5)[1]["cached_tokens"] > 100
            assert a.ask(w, 6)[0] == answer


@tap.needing(NEEDS_MODEL)
def damaged():
    """A damaged file that changes an answer, stops it, or is not told of."""
    with Folder() as kept, tempfile.TemporaryFile() as log:
        talk = Talk("talk-1")
        with Worker() as w:
            w.load(snapshots=kept.name)
            talk.ask(w, 1)
            path = kept.file("talk-1")
        talk.go_on()
        with Worker() as w:
            w.load()
            want = talk.ask(w, 1)[0]
        with open(path, "r+b") as f:
            f.seek(os.path.getsize(path) // 2)
            byte = f.read(1)[0]
            f.seek(-1, 1)
            f.write(bytes([byte ^ 4]))
        with Worker(stderr=log) as w:
            w.load(snapshots=kept.name)
            got, d = talk.ask(w, 2)
            assert not os.path.exists(path)
            # read as a whole, the rounding of what was decoded is another
            assert got == want and d["cached_tokens"] == 0, d
            assert w.end()[0] == 0
        log.seek(0)
        assert b"damaged" in log.read()
        assert os.path.exists(path)         # a sound one


@tap.needing(NEEDS_MODEL)
def foreign():
    """A file that is taken up with another cache, or deleted for that."""
    with Folder() as kept:
        talk = Talk("talk-1")
        with Worker() as w:
            w.load(snapshots=kept.name)
            talk.ask(w, 1)
            path = kept.file("talk-1")
        talk.go_on()
        os.utime(path, (1, 1))
        with Worker() as w:
            w.load(snapshots=kept.name, kv="f32")
            assert talk.ask(w, 1)[1]["cached_tokens"] == 0
            assert os.path.exists(path)
        with Worker() as w:
            w.load(snapshots=kept.name)
            assert talk.ask(w, 1)[1]["cached_tokens"] > 100
            assert os.stat(path).st_mtime > 1   # used, so it goes out last


@tap.needing(NEEDS_MODEL)
def measured():
    """A prompt said to be unread that is on disk, or the other way round."""
    with Folder() as kept:
        talk = Talk("talk-1")
        with Worker() as w:
            w.load(snapshots=kept.name)
            used = talk.ask(w, 1)[1]["context_used"]
            kept.file("talk-1")
        talk.go_on()
        with Worker() as w:
            w.load(snapshots=kept.name)
            for id, keep in ((1, "talk-1"), (2, ""), (3, "talk-2")):
                w.send(type="measure", id=id, messages=talk.messages,
                       thinking="off", keep=keep)
                got = w.until("measured")[-1]["cached"]
                assert got == (used if id == 1 else 0), (id, got, used)
            assert talk.ask(w, 4)[1]["cached_tokens"] == used


@tap.case
def another_model():
    """A file of a model with other weights and the same dimensions, or a copy
    of the same model that is not known to be."""
    with Folder() as kept, tempfile.TemporaryDirectory() as dir:
        talk = Talk("talk-1")
        path = tiny_model(dir, "qwen3", head_dim=16)
        with Worker() as w:
            w.load(model=path, snapshots=kept.name)
            talk.ask(w, 1)
            kept.file("talk-1")
        talk.go_on()
        copy = shutil.copy(path, os.path.join(dir, "copy.gguf"))
        with Worker() as w:
            w.load(model=copy, snapshots=kept.name)
            assert talk.ask(w, 1)[1]["cached_tokens"] > 100
        with open(copy, "r+b") as f:
            f.seek(os.path.getsize(copy) - 100)
            f.write(b"\0")
        for name in kept.names()[1:]:
            os.unlink(os.path.join(kept.name, name))
        with Worker() as w:
            w.load(model=copy, snapshots=kept.name)
            assert talk.ask(w, 1)[1]["cached_tokens"] == 0
            assert w.end()[0] == 0
        assert len(kept.names()) == 2, kept.names()


@tap.needing(NEEDS_MODEL)
def forgotten():
    """What is to be forgotten is written after all."""
    with Folder() as kept:
        with Worker() as w:
            w.load(snapshots=kept.name)
            Talk("talk-1").ask(w, 1)
            Talk("talk-2").ask(w, 2, slot=1)
            kept.file("talk-2")
            w.send(type="forget", keep="talk-2")
            w.send(type="forget", keep="talk-1")
            Talk("talk-3").ask(w, 3, slot=1)
            assert w.end()[0] == 0
        assert [n.split(".")[0] for n in kept.names()] == ["talk-3"]


@tap.needing(NEEDS_MODEL)
def too_large():
    """A state that takes all the room from the others, or more than there
    is."""
    with Folder() as kept, Worker() as w:
        w.load(snapshots=kept.name, snapshot_mib=16)    # 4 MiB for one
        Talk("talk-1", 2).ask(w, 1)
        Talk("talk-2", 12).ask(w, 2, slot=1)
        assert w.end()[0] == 0
        assert [n.split(".")[0] for n in kept.names()] == ["talk-1"]


@tap.needing(NEEDS_MODEL)
def unwritable():
    """An answer that fails where nothing can be kept."""
    with Folder() as kept, Worker() as w:
        path = os.path.join(kept.name, "file")
        with open(path, "w"):
            pass
        w.load(snapshots=path)
        Talk("talk-1").ask(w, 1)
        Talk("talk-1").ask(w, 2)
        assert w.end()[0] == 0


def wait_for(find, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("no " + what)


def counts(home):
    """Of each finished answer of the one conversation: tokens of its prompt
    that were not read."""
    text = ""
    for path in glob.glob(home.path("conversations", "*.yaml")):
        with open(path) as f:
            text += f.read()
    return re.findall(r"^ *cached-tokens: \"?(\d+)", text, re.M)


@tap.needing(NEEDS_MODEL, NEEDS_TMUX)
def the_whole_program():
    """A chat that gives its conversations no name or the worker no folder, or
    that loses what was kept when all of it is killed."""
    home = Home(model=True)
    home.file("config/fikr/config.yaml",
              "thinking: off\nsampling: {seed: 7, max-tokens: 30}\n")
    try:
        for n, args, text in ((1, "", WORDS * 8), (2, "--continue", "And?")):
            t = Tmux(home, "exec %s %s" % (program("fikr"), args))
            try:
                t.see("ready")
                t.type(text)
                t.keys("Enter")
                wait_for(lambda: len(counts(home)) == n, "answer")
                wait_for(lambda: glob.glob(os.path.join(
                    home.dir, "cache", "fikr", "kv", "*.kv")), "snapshot")
                pid = t.tmux("list-panes", "-F", "#{pane_pid}").strip()
                subprocess.run(["pkill", "-9", "-P", pid])
                os.kill(int(pid), signal.SIGKILL)
            finally:
                t.done()
        assert int(counts(home)[1]) > 100, counts(home)
    finally:
        home.done()


# ---- measured ----

def long_talk(tokens):
    """A conversation of about so many tokens of the default model."""
    talk = Talk("bench", 1, sampling={"temperature": 0, "max_tokens": 8})
    with Worker() as w:
        w.load(context=8192)
        w.send(type="measure", id=1, messages=talk.messages)
        one = w.until("measured")[-1]["tokens"]
        talk.messages[0]["text"] += WORDS
        w.send(type="measure", id=2, messages=talk.messages)
        two = w.until("measured")[-1]["tokens"]
    talk.messages[0]["text"] += WORDS * ((tokens - two) // (two - one))
    return talk


def first_token(talk, **load):
    """Seconds from the start of the worker, and from the question, to the
    first token; and the done."""
    begun = time.monotonic()
    with Worker() as w:
        w.load(context=8192, **load)
        asked = time.monotonic()
        w.send(type="generate", id=1, messages=talk.messages, **talk.more)
        w.until("delta")
        now = time.monotonic()
        return now - begun, now - asked, w.until("done")[-1]


def bench(tokens, rounds=5):
    with Folder() as kept:
        talk = long_talk(tokens)
        with Worker() as w:
            w.load(context=8192, snapshots=kept.name)
            talk.ask(w, 1)
            begun = time.monotonic()
            assert w.end()[0] == 0
            written = time.monotonic() - begun
        path = kept.file("bench")
        talk.go_on()
        copy = path + ".copy"
        shutil.copy(path, copy)
        runs = []
        for _ in range(rounds):
            shutil.copy(copy, path)
            runs.append(first_token(talk, snapshots=kept.name))
        whole = first_token(talk)
        mid = sorted(runs, key=lambda r: r[0])[rounds // 2]
        assert mid[2]["cached_tokens"] > tokens * 9 // 10, mid[2]
        return {"tokens": mid[2]["prompt_tokens"],
                "cached": mid[2]["cached_tokens"],
                "mib": os.path.getsize(copy) / 2**20,
                "written_s": written,
                "start_to_token_s": mid[0], "asked_to_token_s": mid[1],
                "without_start_s": whole[0], "without_asked_s": whole[1]}


def print_bench(r):
    print("a conversation of %d tokens, opened again:" % r["tokens"])
    print("  first token %.2f s after the start of the worker, %.2f s after "
          "the question" % (r["start_to_token_s"], r["asked_to_token_s"]))
    print("  ... without a snapshot %.2f s and %.2f s" % (
        r["without_start_s"], r["without_asked_s"]))
    print("  the snapshot: %.0f MiB, written in %.2f s" % (
        r["mib"], r["written_s"]))


if sys.argv[1:2] == ["bench"]:
    numbers = [int(a) for a in sys.argv[2:] if a.isdigit()]
    result = bench(*(numbers or [4000]))
    if "--json" in sys.argv:
        print(json.dumps(result))
    else:
        print_bench(result)
    raise SystemExit
if sys.argv[1:]:
    tap.cases = [c for c in tap.cases if sys.argv[1] in c[0]]
raise SystemExit(tap.run())
