#!/usr/bin/env python3
"""Run the real `fikr ask` (and list, show) in pipes.  Output is TAP."""

import fcntl
import json
import os
import pty
import resource
import signal
import struct
import subprocess
import termios
import time

from tap import *
from talk import VERSION

tap = Tap()
NEEDS_FULL = ("no /dev/full here", os.path.exists("/dev/full"))


def says(kind, **more):
    """The line of a shell script that says this."""
    return "printf '%s\\n' '" + json.dumps({"type": kind, **more}) + "'"


def stand_in(*lines):
    """A worker that greets, is greeted, and is told what to load in $b."""
    return "\n".join(["#!/bin/sh", says("hello", version=VERSION, program="x"),
                      "read a; read b", *lines, ""])


LOADED = dict(name="x", arch="x", format="x", context=1, bytes=1,
              thinker="none", cpu="x")
DONE = says("done", id=1, reason="stop", prompt_tokens=1, cached_tokens=0,
            thinking_tokens=1, answer_tokens=1, context_used=1, prompt_ms=0,
            thinking_ms=0, answer_ms=0, seed=1)
# A worker that answers anything with text full of controls.
EVIL = stand_in(
    says("loaded", **LOADED), "read c",
    says("delta", id=1, channel="thinking", text="hm \x1b[2J"),
    says("delta", id=1, channel="answer", text="\n\na\x1b]0;x\ab\x9bc\r\n"),
    DONE, "read d")
# A worker with something to say about its model.
NOTES = stand_in(
    'echo "$b" >&2',
    says("loaded", notes=["it is large", "\x1b[31mred"], **LOADED), "read c",
    says("delta", id=1, channel="answer", text="42"), DONE, "read d")
DYING = stand_in("kill -9 $$")
# A worker that never stops talking.
FLOOD = stand_in(
    says("loaded", **LOADED), "read c",
    "while " + says("delta", id=1, channel="answer",
                    text="and so on and on, ") + "; do :; done 2>/dev/null")


def any_model(h):
    """A file that is there: the stand-ins do not look inside."""
    return h.file("m.gguf")


def one_sentence(result, word):
    status, out, err = result
    assert (status, out) == (1, b""), (status, out, err)
    assert err.startswith("fikr: ") and err.count("\n") == 1, err
    assert word in err, err


def queued(pipe):
    """Bytes that wait in it."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"    "))[0]


@tap.case
def usage_errors():
    """Wrong usage that exits otherwise than 2, or says more than a line."""
    with Home() as h:
        for args in [["ask"], ["dance"], ["--bad"], ["ask", "--temp", "x"],
                     ["show"], ["ask", "-n"]]:
            status, out, err = h.run(*args)
            assert (status, out) == (2, b""), (args, status, out)
            assert err.startswith("fikr: ") and err.count("\n") == 1, err


@tap.case
def never_a_screen_in_a_pipe():
    """A screen painted into a pipe."""
    with Home() as h:
        status, out, err = h.run()
        assert (status, out) == (2, b""), (status, out)
        assert "fikr ask" in err, err


@tap.case
def help_and_version():
    """Help that fails, goes to standard error, is hidden or too wide; a
    version that is not the one that was released."""
    with Home() as h:
        for args in [["--help"], ["help"], ["-h"], ["ask", "--help"]]:
            status, out, err = h.run(*args)
            assert status == 0 and err == "" and b"ask" in out, args
            assert max(map(len, out.splitlines())) <= 80, args
        status, out, err = h.run("--version")
        with open(os.path.join(SRC, "configure.ac")) as f:
            version = f.read().split("AC_INIT([fikr], [")[1].split("]")[0]
        assert (status, out) == (0, b"fikr %s\n" % version.encode()), out


@tap.case
def no_model():
    """A missing model that is not explained."""
    with Home() as h:
        status, out, err = h.run("ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "SmolLM2" in err and err.count("\n") == 1, err


@tap.case
def broken_config():
    """A broken configuration whose place is not named."""
    with Home() as h:
        path = h.file("c.yaml", "budget: 3\nnonsense: 1\n")
        status, out, err = h.run("--config", path, "ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "c.yaml:2" in err, err


@tap.case
def controls_never_pass():
    """Controls of a model's text reaching the terminal behind the pipe."""
    with Home() as h:
        h.worker(EVIL)
        status, out, err = h.run("-m", any_model(h), "ask", "hi",
                                 "--thinking=stderr")
        assert status == 0, err
        text = out.decode()
        assert all(c >= " " or c in "\n\t" for c in text), text
        assert "\x9b" not in text and "<U+009B>" in text, text
        assert text.startswith("a") and text.endswith("\n"), text
        assert "hm" in err and "\x1b" not in err, err
        status, out, err = h.run("-m", any_model(h), "ask", "hi")
        assert err == "", err


@tap.case
def dead_worker():
    """A worker that died making `ask` hang, or succeed."""
    with Home() as h:
        h.worker(DYING)
        status, out, err = h.run("-m", any_model(h), "ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "signal 9" in err, err


@tap.case
def ended_while_waiting():
    """A signal that waits as long as whoever gives the question, or takes the
    answer, keeps still."""
    with Home() as h:
        h.worker(FLOOD)
        args = ["-m", any_model(h), "ask"]
        p = h.start(*args, stdin=subprocess.PIPE)
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        assert p.wait(PATIENCE) == 130, p.returncode
        p.communicate()
        p = h.start(*args, "Go on.")
        had = -1
        while had < 1 or had < queued(p.stdout):    # until the pipe is full
            had = queued(p.stdout)
            time.sleep(0.3)
        p.send_signal(signal.SIGTERM)
        assert p.wait(PATIENCE) == 143, p.returncode
        p.communicate()


@tap.case
def the_end_of_the_disk():
    """A chat that is killed by SIGXFSZ, or says nothing, when its file may
    not grow."""
    with Home() as h:
        h.env["FIKR_WORKER"] = os.path.join(SRC, "tests", "fake_worker.py")
        script = h.file("s", "wait loaded\ntype hello\nkey enter\n"
                        "wait text cannot save\n")
        status, out, err = h.run(
            "-m", any_model(h), "--script", script,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                  (10, 10)))
        assert status == 0, (status, out.decode(), err)


@tap.case
def an_unwritable_home():
    """A home without room for anything keeping anybody from an answer, or
    the chat from saying what it cannot do."""
    with Home() as h:
        h.worker(EVIL)
        model = any_model(h)
        for kind in ("DATA", "STATE", "CONFIG"):
            h.env["XDG_%s_HOME" % kind] = "/dev/null/x"
        status, out, err = h.run("-m", model, "ask", "hi")
        assert (status, err) == (0, "") and out, (status, err)
        status, out, err = h.run("list")
        assert status in (0, 1) and err.count("\n") == status, (status, err)


@tap.case
def notes_on_the_model():
    """Notes among the answer, unsafe for terminals, or not said."""
    with Home() as h:
        h.worker(NOTES)
        status, out, err = h.run("-m", any_model(h), "ask", "hi")
        assert (status, out) == (0, b"42\n"), (status, out)
        first, second = err.splitlines()
        assert first == "fikr: it is large", err
        assert second.startswith("fikr: ") and "\x1b" not in err, err


@tap.case
def how_to_load():
    """Options on how to load that do not reach the worker, with names turned
    into paths; a missing adapter that is only noticed by it."""
    with Home() as h:
        h.worker(NOTES)
        adapter = h.file("data/fikr/adapters/style.gguf")
        config = h.file("c.yaml", "kv: f32\nlora: [gone.gguf]\n"
                        "chat-format: chatml\n")
        args = ["--config", config, "-m", any_model(h), "ask", "hi"]
        one_sentence(h.run(*args), "gone.gguf")
        one_sentence(h.run("--chat-format", "./gone.yaml", "--lora",
                           "style", *args), "gone.yaml")
        assert h.run("--kv=q8_0", "--lora", "style=0.5", *args)[0] == 0
        with open(os.path.join(h.dir, "state/fikr/worker.log")) as f:
            load = json.loads(f.readline())
        assert load["kv"] == "q8_0", load
        assert load["lora"] == [{"path": adapter, "scale": 0.5}], load
        assert load["chat_format"] == "chatml", load


@tap.case
def model_in_parts():
    """Parts that are not found by the name of the whole."""
    with Home() as h:
        h.worker(NOTES)
        part = h.file("data/fikr/models/big-00001-of-00002.gguf")
        assert h.run("-m", "big", "ask", "hi")[0] == 0
        with open(os.path.join(h.dir, "state/fikr/worker.log")) as f:
            assert json.loads(f.readline())["model"] == part


@tap.case
def bad_models():
    """A bad model file that is not explained in one sentence."""
    with Home() as h:
        bad = {"empty": "", "short": "GGUF", "other": "not a model " * 99,
               "version": "GGUF\x63\0\0\0" + "\0" * 99}
        for name, text in bad.items():
            path = h.file(name + ".gguf", text)
            one_sentence(h.run("-m", path, "ask", "hi"), name + ".gguf")
        one_sentence(h.run("-m", h.path("gone.gguf"), "ask", "hi"), "gone")
        one_sentence(h.run("-m", h.dir, "ask", "hi"), h.dir)


@tap.case
def list_and_show_of_nothing():
    """A fresh home that is an error to list; ids that leave the folder."""
    with Home() as h:
        assert h.run("list") == (0, b"", "")
        for id in ["../x", "", "nothing", "a/b"]:
            status, out, err = h.run("show", id)
            assert (status, out) == (1, b"") and err, (id, status)


@tap.needing(NEEDS_MODEL)
def a_truncated_model():
    """A model cut short that is computed with, or crashes the worker."""
    with Home() as h, open(MODEL, "rb") as f:
        path = h.path("cut.gguf")
        os.makedirs(os.path.dirname(path))
        with open(path, "wb") as g:
            g.write(f.read(9 << 20))
        one_sentence(h.run("-m", path, "ask", "hi"), "cut.gguf")


@tap.needing(NEEDS_MODEL)
def too_long_a_message():
    """More than the context takes, cut or computed without a word."""
    with Home() as h:
        one_sentence(h.run("-m", MODEL, "ask", "--context", "256",
                           input=b"word " * 4000), "256")


@tap.needing(NEEDS_MODEL)
def capital():
    """The way from a piped question to its answer and nothing else."""
    with Home() as h:
        status, out, err = h.run("-m", MODEL, "ask", "--temp", "0",
                                 input=b"What is the capital of France?")
        assert (status, err) == (0, ""), (status, err)
        assert b"Paris" in out, out
        assert out.endswith(b"\n") and not out.endswith(b"\n\n"), out


@tap.needing(NEEDS_MODEL)
def argument_and_input():
    """One of the two parts of a question being dropped; bad UTF-8 in it."""
    with Home() as h:
        args = ["-m", MODEL, "ask", "--temp", "0", "-n", "12"]
        status, out, err = h.run(*args, "Repeat this word.",
                                 input=b"banana \xff\x00\n")
        assert status == 0 and out.strip(), (status, err)


@tap.needing(NEEDS_MODEL)
def thinking_to_stderr():
    """Thinking on standard output, or nowhere."""
    with Home() as h:
        status, out, err = h.run(
            "-m", MODEL, "ask", "--think=on", "--budget", "16", "--temp", "0",
            "-n", "40", "--thinking=stderr", "What is 2 + 2?")
        assert status == 0 and out.strip() and err.strip(), (status, err)


@tap.needing(NEEDS_MODEL)
def time_to_think():
    """A limit in time that is not heeded, or taken for no limit; thoughts that
    it ends on standard output."""
    with Home() as h:
        ask = ["-m", MODEL, "ask", "--think=on", "--budget", "100000",
               "--temp", "0", "-n", "1200", "--thinking=stderr"]
        status, out, err = h.run(*ask, "--budget-time", "1",
                                 "Write a very long story.")
        assert status == 0 and out.strip() and err.strip(), (status, err)
        assert err.strip().encode() not in out, out
        status, out, err = h.run("ask", "--budget-time", "soon", "Hello")
        assert status == 2 and "budget-time" in err, (status, err)


@tap.needing(NEEDS_MODEL)
def interrupted():
    """^C ignored, or a status that scripts do not know."""
    with Home() as h:
        p = h.start("-m", MODEL, "ask", "--temp", "0",
                    "--repeat-penalty", "1.3", "Write a very long story.")
        assert p.stdout.read(1)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=PATIENCE)
        assert p.returncode == 130, p.returncode


@tap.needing(NEEDS_MODEL)
def reader_goes_away():
    """`fikr ask ... | head -c 1`: noise, or computing on for nobody."""
    with Home() as h:
        p = h.start("-m", MODEL, "ask", "--temp", "0",
                    "--repeat-penalty", "1.3", "Write a very long story.")
        assert p.stdout.read(1)
        p.stdout.close()
        assert p.wait(PATIENCE) == 141, p.returncode
        assert p.stderr.read() == b""
        p.stderr.close()


@tap.needing(NEEDS_MODEL, NEEDS_FULL)
def full_disk():
    """Output that is lost without a word."""
    with Home() as h, open("/dev/full", "wb") as full:
        status, _, err = h.run("-m", MODEL, "ask", "-n", "3", "Hi",
                               stdout=full)
        assert status == 1 and "space" in err, (status, err)


@tap.needing(NEEDS_MODEL)
def terminal_gets_plain_text():
    """Colour or cursor movement when `ask` writes to a terminal."""
    with Home() as h:
        main, side = pty.openpty()
        p = h.start("-m", MODEL, "ask", "-n", "8", "Hi", stdout=side,
                    stderr=side)
        os.close(side)
        data = b""
        try:
            while more := os.read(main, 4096):
                data += more
        except OSError:                 # the terminal's other end is closed
            pass
        os.close(main)
        assert p.wait(PATIENCE) == 0 and data, data
        assert b"\x1b" not in data, data


raise SystemExit(tap.run())
