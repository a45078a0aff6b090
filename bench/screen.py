#!/usr/bin/env python3
"""screen.py -- what the chat costs and how soon it answers, the whole program
on a terminal, with a stand-in for the worker that sends 200 tokens a second.

    ./run bench screen [--seconds 60]

Prints name, value, unit and, where there is one, the goal.  Before that, what
the parts without a terminal cost (build/screen_bench)."""

import argparse
import os
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("BUILDDIR", os.path.join(TOP, "build"))
sys.path.insert(0, os.path.join(TOP, "tests"))
import long_chat  # noqa: E402
from storm import cpu_seconds, pour  # noqa: E402
from pty_term import Pty  # noqa: E402
from tap import program  # noqa: E402
from terminal import MODERN, Chat  # noqa: E402

RATE = 200
FRAME, FRAME_END = b"\033[?2026h", b"\033[?2026l"
STARTS, PAGES = 15, 60
# Letters that no answer holds, so that one in the output is what was typed.
LETTERS = "жзийклмнопрстуфхцчшщ"


def show(name, value, unit, goal=None):
    line = "%-44s %9.2f %s" % (name, value, unit)
    print(line if goal is None else "%-60s (goal: %s)" % (line, goal),
          flush=True)


def percentile(values, p):
    values = sorted(values)
    return values[(len(values) - 1) * p // 100]


def until(chat, text):
    """Milliseconds until the terminal has got text."""
    begin = time.monotonic()
    while text not in chat.pty.got:
        chat.pty.read(1)
        if time.monotonic() - begin > 60:
            sys.exit("screen.py: nothing came for a minute")
    return (time.monotonic() - begin) * 1000


def first_paint():
    times = []
    for _ in range(STARTS):
        begin = time.monotonic()
        with Chat(replies=MODERN) as chat:
            made = time.monotonic()
            until(chat, b"Write a message")
            times.append((time.monotonic() - begin) * 1000)
            home = made - begin
            chat.start()
            chat.quit()
    show("start to first paint, median", percentile(times, 50), "ms", "50")
    show("  with making its home and process", home * 1000, "ms")


def streaming(seconds, size):
    """A share of a core, frames and bytes a second, at RATE tokens."""
    with Chat(replies=MODERN, size=size,
              env={"FIKR_FAKE_RATE": str(RATE)}) as chat:
        chat.start()
        chat.send(b"long 100000\r")
        until(chat, b"answering")
        cpu, seen = cpu_seconds(chat.pty.proc.pid), len(chat.pty.all)
        frames, begin = chat.pty.all.count(FRAME), time.monotonic()
        while time.monotonic() - begin < seconds:
            chat.pty.read(0.2)
        took = time.monotonic() - begin
        cpu = cpu_seconds(chat.pty.proc.pid) - cpu
        frames = chat.pty.all.count(FRAME) - frames
        name = "streaming %d tokens/s at %dx%d" % (RATE, size[1], size[0])
        show(name, 100 * cpu / took, "% of a core", "under 5 %")
        show("  frames", frames / took, "a second", "30 at most")
        show("  sent", (len(chat.pty.all) - seen) / took / 1000, "kB a second")
        chat.pty.proc.kill()


def typing(seconds):
    """From a key to its letter on the terminal while an answer streams."""
    times = []
    with Chat(replies=MODERN, env={"FIKR_FAKE_RATE": str(RATE)}) as chat:
        chat.start()
        chat.send(b"long 100000\r")
        until(chat, b"answering")
        end, i = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            pause = time.monotonic() + 0.037
            while time.monotonic() < pause:
                chat.pty.read(0.005)
            if i % (len(LETTERS) - 1) == 0:
                chat.send(b"\x15")
                chat.pty.quiet(0.02) if i == 0 else chat.pty.read(0.05)
            letter = LETTERS[i % len(LETTERS)].encode()
            begin = time.monotonic()
            chat.send(letter)
            until(chat, letter)
            times.append((time.monotonic() - begin) * 1000)
            i += 1
        chat.pty.proc.kill()
    show("typing while it streams, median", percentile(times, 50), "ms")
    show("  99th percentile of %d keys" % len(times), percentile(times, 99),
         "ms", "16")


def typing_to_cat(seconds):
    """The same way through a program that does nothing: what of it is the
    machine's."""
    times = []
    pty = Pty(["sh", "-c", "stty raw -echo; echo raw; exec cat"], os.environ)
    pty.see(b"raw")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.037)
        pty.got = b""
        begin = time.monotonic()
        os.write(pty.master, b"x")
        while b"x" not in pty.got:
            pty.read(1)
        times.append((time.monotonic() - begin) * 1000)
    pty.close()
    show("  the same through cat, 99th percentile", percentile(times, 99),
         "ms")


def long_conversation():
    times = []
    with Chat(argv=["true"]) as chat:
        chat.pty.wait()
        long_chat.write(chat.home.path("conversations"), 200000, 50)
        with Chat(["--continue"], env={"XDG_DATA_HOME": chat.home.dir +
                                       "/data"}, replies=MODERN) as talk:
            shown = until(talk, b"200000")
            talk.start()
            for _ in range(PAGES):
                talk.pty.quiet(0.04)
                talk.send(b"\033[5~")
                times.append(until(talk, FRAME_END))
            talk.pty.quiet(0.04)
            talk.send(b"\033[1;3H")
            top = until(talk, FRAME_END)
            talk.quit()
    show("200 000 lines, start to first paint", shown, "ms", "300")
    show("  a page up, 99th percentile", percentile(times, 99), "ms")
    show("  to the beginning", top, "ms")


def paste():
    text = b"line of what is pasted, with some more words in it\n" * 20000
    with Chat(replies=MODERN) as chat:
        chat.start()
        begin = time.monotonic()
        pour(chat.pty, b"\033[200~" + text + b"\033[201~")
        poured = time.monotonic()
        until(chat, b"[Pasted ")
        show("a paste of 1 MB, until all is taken", (poured - begin) * 1000,
             "ms")
        show("  from then on until it is shown",
             (time.monotonic() - poured) * 1000, "ms")
        chat.pty.proc.kill()


def main():
    a = argparse.ArgumentParser(allow_abbrev=False)
    a.add_argument("--seconds", type=int, default=60)
    o = a.parse_args()
    print("load of the machine: %s" % " ".join(
        "%.1f" % v for v in os.getloadavg()), flush=True)
    subprocess.run([program("screen_bench")], check=True)
    first_paint()
    streaming(o.seconds, (24, 80))
    streaming(o.seconds, (60, 200))
    typing(o.seconds)
    typing_to_cat(o.seconds / 2)
    long_conversation()
    paste()


if __name__ == "__main__":
    main()
