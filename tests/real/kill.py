#!/usr/bin/env python3
"""kill -9 of the program, of the worker, or of both, at random moments while
the real model writes: what the screen had shown is there when it is opened
again.  FIKR_KILLS says how often, FIKR_TORTURE_SEED which moments.  TAP."""

import os
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from tap import NEEDS_MODEL, NEEDS_TMUX, Home, Tap, program  # noqa: E402
from tmux import Tmux  # noqa: E402

tap = Tap()
KILLS = int(os.environ.get("FIKR_KILLS", 4))
SEED = int(os.environ.get("FIKR_TORTURE_SEED", 1))
STORY = "Tell me a long story about a ship and a storm."
SETTLED = 1.5           # seconds after which what was shown must be kept


def plain(text):
    """Without what a screen adds and breaks: letters and digits alone."""
    return re.sub(r"[\W_]+", "", text)


def children(pid):
    r = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True)
    return [int(x) for x in r.stdout.split()]


def alive(pid):
    """Neither gone nor waiting for somebody to ask how it ended."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Life:
    """The program from one start to its end."""

    def __init__(self, home, *args):
        self.home = home
        home.file("config/fikr/config.yaml", "list-pane: false\n")
        self.tmux = Tmux(home, "exec " + " ".join(
            [program("fikr"), "--think", "off", "--temp", "0.8", "-n", "300",
             *args]), 78, 60)
        self.tmux.see("ready", 40)
        self.pid = int(self.tmux.tmux("list-panes", "-F", "#{pane_pid}"))

    def end(self):
        self.tmux.done()

    def waits(self):
        """The question that got no answer, and is in the prompt again."""
        found = re.search(r"› (Tell .*\.)", self.tmux.screen())
        return found and found.group(1)

    def ask(self, text):
        if self.waits() != text:
            self.tmux.type(text)
        self.tmux.keys("Enter")
        # the answer's head stands below the question
        self.tmux.wait(lambda s: self.answer(s, text) is not None,
                       "the question " + text, 40)

    @staticmethod
    def answer(screen, question):
        """What stands below a question, or None: it is not there."""
        lines = [line.rstrip() for line in screen.split("\n")]
        try:
            at = max(i for i, line in enumerate(lines)
                     if line.strip() == question)
        except ValueError:
            return None
        rest = lines[at + 1:]
        rule = next((i for i, line in enumerate(rest)
                     if line.startswith("───")), len(rest))
        rest = [line for line in rest[:rule] if line.strip()]
        return "\n".join(rest[1:])      # without the model's name

    def watch(self, question, seconds):
        """For that long; what was shown of the answer a while before."""
        shown = [(time.monotonic(), "")]
        end = shown[0][0] + seconds
        while time.monotonic() < end:
            text = self.answer(self.tmux.screen(), question) or ""
            shown.append((time.monotonic(), text))
            time.sleep(0.05)
        last = time.monotonic() - SETTLED
        return [t for at, t in shown if at <= last or not t][-1]

    def kill(self, who):
        worker = children(self.pid)
        if who in ("worker", "both"):
            for pid in worker:
                os.kill(pid, signal.SIGKILL)
        if who in ("program", "both"):
            os.kill(self.pid, signal.SIGKILL)
            while alive(self.pid):
                time.sleep(0.02)


def saved(home):
    """All conversations' text, and the last one's id."""
    status, out, err = home.run("list")
    assert status == 0, err
    ids = [line.split()[0] for line in out.decode().splitlines() if line]
    text = ""
    for i in ids:
        status, out, err = home.run("show", i)
        assert status == 0, err
        text += out.decode("utf-8", "replace")
    return text


class Kills:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.home = Home(model=True)
        self.asked, self.finished, self.shown = [], [], 0
        self.life = None

    def check(self, partly):
        text = saved(self.home)
        bare = plain(text)
        for question in self.asked:
            assert question in text, "lost: %r in\n%s" % (question, text)
        for answer in self.finished + partly:
            assert plain(answer) in bare, "lost: %r in\n%s" % (answer, text)

    def a_whole_answer(self, question):
        life = self.life
        life.ask(question)
        self.asked.append(question)
        screen = life.tmux.wait(
            lambda s: "ready" in s and life.answer(s, question),
            "the end of an answer")
        self.finished.append(shown_of(life.answer(screen, question)))

    def one(self, n, who):
        if not self.life:
            self.life = Life(self.home, *(["--continue"] if n else []))
        life = self.life
        question = life.waits()
        if question:
            assert question == self.asked.pop(), question
        elif n and self.rng.random() < 0.5:
            self.a_whole_answer("Is %d a number?" % n)
        question = question or "Tell me a long story about %d ships." % (n + 2)
        life.ask(question)
        self.asked.append(question)
        shown = shown_of(life.watch(question, self.rng.uniform(0.0, 8.0)))
        self.shown += len(shown)
        life.kill(who)
        if who == "worker":
            life.tmux.wait(lambda s: "starts a new worker" in
                           " ".join(s.split()), "the end of the worker", 40)
            time.sleep(0.3)
        else:
            life.end()
            self.life = None
        self.check([shown])

    def done(self):
        if self.life:
            self.life.end()
        self.home.done()


def shown_of(answer):
    """Without the last line, which may be half a word or a note, and without
    marks of Markdown, which the text has and the screen not."""
    lines = answer.split("\n")[:-1]
    return " ".join(line for line in lines if not line.lstrip().startswith("("))


@tap.needing(NEEDS_TMUX, NEEDS_MODEL)
def killed_at_any_moment():
    """A prompt, a finished answer, or more than a second of an unfinished one
    that a kill takes away; a conversation that cannot be opened again, or is
    still locked by the dead."""
    kills = Kills(SEED)
    print("# seed %d" % SEED, flush=True)
    try:
        for n in range(KILLS):
            kills.one(n, ("program", "both", "worker")[n % 3])
    finally:
        kills.done()
    print("# %d kills, %d answers that ended, %d characters of those that did "
          "not" % (KILLS, len(kills.finished), kills.shown), flush=True)


@tap.needing(NEEDS_TMUX, NEEDS_MODEL)
def half_an_answer_is_offered():
    """Half of an answer that is shown as if that was all, or cannot be gone on
    with after the program was killed."""
    kills = Kills(SEED)
    try:
        kills.life = life = Life(kills.home)
        life.ask(STORY)
        life.tmux.wait(lambda s: len(life.answer(
            s, STORY) or "") > 60, "some words", 40)
        time.sleep(SETTLED)
        life.kill("program")
        life.end()
        kills.life = life = Life(kills.home, "--continue")
        life.tmux.wait(lambda s: "/continue goes on with it" in
                       " ".join(s.split()), "the offer", 40)
        before = saved(kills.home)
        life.tmux.type("/continue")
        life.tmux.keys("Enter")
        life.tmux.wait(lambda s: "ready" in s and "/continue" not in
                       s.split("───")[-1], "the end")
        time.sleep(0.5)
        life.tmux.see("ready")
        assert len(saved(kills.home)) > len(before)
    finally:
        kills.done()


if __name__ == "__main__":
    sys.exit(tap.run())
