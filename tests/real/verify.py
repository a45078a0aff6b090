#!/usr/bin/env python3
"""`fikr verify` on the real default model: conversations held with the real
program, written again and compared, token by token.  TAP."""

import glob
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import pty_term
import tap as shared
from pty_term import Pty
from tap import Home, NEEDS_MODEL, SRC, Tap, program

tap = Tap()
pty_term.LIMIT = shared.PATIENCE = 900   # slow kernels, busy machines


def tokens_of(home):
    """How many the only conversation has recorded so far."""
    return sum(len(ids.split()) for path in glob.glob(
        home.path("conversations", "*.yaml")) for ids in re.findall(
            r"^ids: '([\d ]+)'$", open(path).read(), re.M))


def chat(home, questions, *args, enough=None):
    """Hold a conversation line by line, until it has enough tokens if that is
    given; its id."""
    home.env.update(TERM="dumb", FIKR_PLAIN="1", FIKR_SHARE=SRC)
    pty = Pty([program("fikr"), *args], home.env)
    try:
        assert pty.until(lambda: b"model is ready." in pty.got and
                         b"You: " in pty.got), pty.got
        pty.quiet()
        for text in questions:
            if enough and tokens_of(home) >= enough:
                break
            pty.send(text.encode() + b"\n")
            assert pty.until(lambda: b"\nYou: " in pty.got and
                             not pty.read(0.3)), pty.got[-500:]
        pty.send(b"/quit\n")
        pty.wait()
    finally:
        pty.close()
    return [os.path.basename(f)[:-5] for f in sorted(glob.glob(
        home.path("conversations", "*.yaml")))][-1]


def verify(home, id, *args):
    status, out, err = home.run("verify", id, "--json", *args)
    assert out, err
    return status, json.loads(out)


def change_token(home, id, at):
    """Another number for one token of the last answer; the file's text."""
    path = home.path("conversations", id + ".yaml")
    with open(path) as f:
        text = f.read()
    lists = list(re.finditer(r"^ids: '([\d ]+)'$", text, re.M))
    for m in lists:
        ids = m.group(1).split()
        if at < len(ids):
            ids[at] = str(int(ids[at]) + 1)
            text = text[:m.start(1)] + " ".join(ids) + text[m.end(1):]
            break
        at -= len(ids)
    with open(path, "w") as f:
        f.write(text)


def long_one(cpu, tokens):
    """An engine, a sampler or a record that is not exact: many tokens in
    several turns, at temperature 0.8."""
    with Home(model=True) as h:
        h.env["FIKR_CPU"] = cpu
        # How long the answers are is chance: it asks until they are enough.
        id = chat(h, ["Tell a long story about a lighthouse.",
                      "And what did the keeper do then?",
                      "List ten kinds of ships, with a sentence for each.",
                      "Write a poem about one of them."] * 8,
                  "--temp", "0.8", "-n", str(tokens // 2), enough=tokens)
        status, got = verify(h, id)
        assert got["verdict"] == "identical" and status == 0, got
        turns = got["turns"]
        with open(h.path("conversations", id + ".yaml")) as f:
            answers = f.read().count("\nrole: assistant\n")
        assert len(turns) == answers >= 2 and not got["changed"], got
        assert sum(t["tokens"] for t in turns) >= tokens, turns
        assert all(t["same"] == t["tokens"] for t in turns), turns
        status, out, _ = h.run("verify", id)
        assert status == 0 and out.endswith(b"\nidentical\n"), out


def long_ones():
    """Plain C takes minutes for 500 tokens: that many if there is time."""
    flags = open("/proc/cpuinfo").read()
    short = 500 if os.environ.get("FIKR_TEST_LONG") else 80
    for cpu, tokens in ("avx2", 500), ("scalar", short):
        tap.cases.append((
            "%d tokens with %s" % (tokens, cpu),
            lambda cpu=cpu, tokens=tokens: long_one(cpu, tokens),
            [("this processor has no " + cpu,
              cpu == "scalar" or cpu in flags)]))


long_ones()


@tap.case
def regenerated_and_stopped():
    """Versions whose prompt was in the cache already; a time to stop."""
    with Home(model=True) as h:
        id = chat(h, ["Say something about rain.", "/regen", "Why?"],
                  "--temp", "0.8", "-n", "60")
        status, got = verify(h, id)
        assert got["verdict"] == "identical" and status == 0, got
        assert len(got["turns"]) == 3, got


@tap.case
def a_thought():
    """Guided thoughts that are left out of the comparison."""
    with Home(model=True) as h:
        id = chat(h, ["What is 12 + 30?"], "--temp", "0.8", "--think", "on",
                  "-n", "150")
        status, got = verify(h, id)
        assert got["verdict"] == "identical" and status == 0, got


@tap.case
def another_token():
    """A difference that is not found, or somewhere else."""
    with Home(model=True) as h:
        status, _, err = h.run("ask", "--save", "--temp", "0.8", "-n", "50",
                               "Tell me about the sea.")
        id = re.search(r"saved as (\S+)", err).group(1)
        assert verify(h, id)[0] == 0
        change_token(h, id, 20)
        status, got = verify(h, id)
        assert status == 1 and got["verdict"] == "not identical", got
        assert got["turns"][0]["same"] == 20, got
        status, out, _ = h.run("verify", id)
        assert b"differs from token 21 of 50 on" in out, out


@tap.case
def other_kernels():
    """A difference, or none, whose reason is not told."""
    with Home(model=True) as h:
        h.env["FIKR_CPU"] = "scalar"
        _, _, err = h.run("ask", "--save", "--temp", "0.8", "-n", "80",
                          "Tell me about the sea.")
        id = re.search(r"saved as (\S+)", err).group(1)
        del h.env["FIKR_CPU"]
        _, got = verify(h, id)
        assert "kernels: scalar then" in got["changed"], got


@tap.case
def what_cannot_be():
    """Steered answers called different, or passed over in silence."""
    with Home(model=True) as h:
        _, _, err = h.run("ask", "--save", "-n", "20", "Hello")
        id = re.search(r"saved as (\S+)", err).group(1)
        path = h.path("conversations", id + ".yaml")
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text.replace("\nprompt-tail:", "\ntouched: true\n"
                                 "prompt-tail:"))
        status, out, _ = h.run("verify", id)
        assert status == 1 and b"somebody changed its course" in out, out
        assert out.endswith(b"nothing could be compared\n"), out


if __name__ == "__main__":
    sys.exit(tap.run([NEEDS_MODEL]))
