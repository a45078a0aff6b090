#!/usr/bin/env python3
"""The whole program under load: a terminal that changes its size while an
answer streams, a paste of a megabyte, a minute's worth of a fast answer, a
conversation of 200 000 lines.  The clock is looked at for one thing alone: how
many frames there were for the time that it took.  TAP."""

import os
import re
import select
import sys
import time

import long_chat
from pty_term import LIMIT
from tap import NEEDS_TMUX, Tap, program
from terminal import MODERN, Chat
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "real"))
from tmux import Tmux  # noqa: E402

tap = Tap()
FRAME = b"\033[?2026h"
FRAMES_A_SECOND = 31


class Shown(Chat):
    """fikr in tmux, so that what it sent can be looked at as a screen."""

    def __init__(self, *args, width=80, height=24):
        super().__init__(argv=["true"])
        self.pty.wait()
        self.tmux = None
        self.args = args
        self.size = (width, height)

    def start(self):
        self.tmux = Tmux(self.home, "exec " + " ".join(
            [*self.argv, *self.args]), *self.size)
        self.tmux.tmux("set", "-g", "status", "off")
        self.tmux.resize(*self.size)
        self.see("Write a message")

    def see(self, text):
        return self.tmux.see(text, LIMIT)

    def settled(self, rows):
        """The first rows of the screen, once they stay as they are."""
        before, now = None, self.rows(rows)
        while before != now:
            time.sleep(0.3)
            before, now = now, self.rows(rows)
        return now

    def rows(self, rows):
        return self.tmux.screen().split("\n")[:rows]

    def __exit__(self, *exc):
        if self.tmux:
            self.tmux.done()
        super().__exit__(*exc)


def size_of(i):
    """Sizes without a pattern, the smallest ones among them."""
    return {7: (1, 1), 23: (20, 3), 41: (1, 30), 59: (90, 1)}.get(
        i % 60, (1 + i * 37 % 120, 1 + i * 11 % 40))


def items(screen):
    return [int(n) for n in re.findall(r"Item number (\d+)", screen)]


def near(a, b):
    """Do both begin with about the same?"""
    return a and b and abs(a[0] - b[0]) <= 5


@tap.needing(NEEDS_TMUX)
def the_place_survives_a_storm_of_sizes():
    """Pitfall 13: what is read must be at the top again once the size is as
    it was, whatever came below it meanwhile, the draft must be whole, and
    nothing may be on the screen that a fresh drawing would not show.  At this
    width a line of the answer takes two rows, at most others another number."""
    with Shown(width=36) as chat:
        chat.home.env["FIKR_FAKE_RATE"] = "400"
        chat.start()
        chat.tmux.type("long 9000")
        chat.tmux.keys("Enter")
        chat.see("number 100 ")
        chat.tmux.type("a draft")
        for _ in range(3):
            chat.tmux.keys("PPage")
        chat.see("a draft")
        chat.tmux.wait(lambda s: "new line" in s, "that there is more below")
        before = chat.settled(15)
        chat.tmux.resize(100, 24)
        top = items("\n".join(before))
        chat.tmux.wait(lambda s: near(items(s), top), "number %d at the top "
                       "at 100 columns" % top[0], LIMIT)
        for i in range(200):
            chat.tmux.resize(*size_of(i))
        chat.tmux.resize(36, 24)
        chat.see("a draft")
        chat.tmux.wait(lambda s: s.split("\n")[:15] == before,
                       "the place before:\n" + "\n".join(before), LIMIT)
        chat.tmux.keys("Escape")
        chat.see("ready")
        shown = chat.settled(24)
        chat.tmux.keys("C-l")
        time.sleep(0.3)
        assert chat.settled(24) == shown, "stray text:\n" + "\n".join(shown)
        assert chat.tmux.status() is None


def pour(pty, data):
    """Type all of data, reading meanwhile, as a terminal does."""
    pty.got = b""
    os.set_blocking(pty.master, False)
    end = time.monotonic() + LIMIT
    while data:
        assert time.monotonic() < end, "%d bytes are not taken" % len(data)
        r, w, _ = select.select([pty.master], [pty.master], [], 1)
        if r:
            pty.read(0)
        if w:
            data = data[os.write(pty.master, data[:4096]):]
    os.set_blocking(pty.master, True)


def saved(chat):
    """The conversation as text, by fikr itself."""
    name, = os.listdir(chat.home.path("conversations"))
    status, out, err = chat.home.run("show", name[:-5])
    assert status == 0, err
    return out.decode()


@tap.case
def a_paste_of_a_megabyte_is_one_message():
    """Pitfall 1: a paste that readline reads byte by byte, that is typed into
    the prompt line by line, or that loses a byte."""
    text = "long 2 " + "".join(
        "line %d of what is pasted: äöü 中文\n" % i for i in range(25500))
    assert len(text.encode()) > 1000000
    with Chat(replies=MODERN) as chat:
        chat.start()
        pour(chat.pty, b"\033[200~" + text.encode() + b"\033[201~")
        chat.see("[Pasted ")
        chat.pty.quiet()
        assert b"line 77 of" not in chat.pty.all, "not folded"
        chat.send("xyz")
        chat.see("xyz")
        chat.send("\b\b\b\r")
        chat.see("ready")
        chat.pty.quiet()
        chat.quit()
        out = saved(chat)
        at = out.index("long 2 line 0 ")
        assert out[at:at + len(text)] == text, "another text arrived"


def cpu_seconds(pid):
    """What a process has used of processors so far."""
    with open("/proc/%d/schedstat" % pid) as f:
        return int(f.read().split()[0]) / 1e9


@tap.case
def a_minute_of_a_fast_answer():
    """Pitfall 21: a frame for every piece of text, or text that got lost on
    its way: 12 000 tokens, as many as 200 a second are in a minute."""
    lines = 1720
    with Chat(replies=MODERN, size=(60, 200),
              env={"FIKR_FAKE_RATE": "6000"}) as chat:
        chat.start()
        cpu, frames = cpu_seconds(chat.pty.proc.pid), chat.pty.all.count(FRAME)
        begin = time.monotonic()
        chat.send("long %d\r" % lines)
        chat.see("ready")
        took = time.monotonic() - begin
        frames = chat.pty.all.count(FRAME) - frames
        cpu = cpu_seconds(chat.pty.proc.pid) - cpu
        chat.quit()
        print("# %d frames in %.2f s, %d bytes, %.3f s of a processor" % (
            frames, took, len(chat.pty.got), cpu))
        assert 1 < frames <= FRAMES_A_SECOND * took + 2, frames
        out = saved(chat)
        for i in range(1, lines + 1):
            assert "%d. Item number %d of" % (i, i) in out, i


def numbers(screen):
    return [int(n) for n in re.findall(r"This is line (\d+) of what", screen)]


def in_order(screen):
    found = numbers(screen)
    assert found and found == list(range(found[0], found[0] + len(found))), screen
    return found


@tap.needing(NEEDS_TMUX)
def a_conversation_of_200_000_lines():
    """Pitfall 21: guessed heights that lose lines, show them twice, or take
    the reader somewhere else."""
    with Shown("--continue") as chat:
        long_chat.write(chat.home.path("conversations"), 200000, 50)
        chat.start()
        chat.see("line 200000 of")
        chat.see("ready")
        last = in_order("\n".join(chat.settled(24)))
        chat.tmux.keys("PPage")
        chat.tmux.wait(lambda s: numbers(s) and numbers(s)[-1] < 200000 and
                       numbers(s)[-1] >= last[0] - 1, "the page before")
        in_order("\n".join(chat.settled(24)))
        chat.tmux.keys("M-Home")
        chat.see("line 1 of")
        assert in_order("\n".join(chat.settled(24)))[0] == 1
        chat.tmux.keys("NPage")
        chat.tmux.wait(lambda s: numbers(s) and 1 < numbers(s)[0] < 24,
                       "the second page")
        in_order("\n".join(chat.settled(24)))
        chat.tmux.keys("M-End")
        chat.see("line 200000 of")
        assert in_order("\n".join(chat.settled(24))) == last


if __name__ == "__main__":
    sys.exit(tap.run())
