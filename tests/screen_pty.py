#!/usr/bin/env python3
"""What the terminal gets from ui/screen_curses.c, seen from a pty: that it is
put back on every way out, and that nothing in a cell reaches it as a control.
Prints TAP.  Runs $BUILDDIR/screen_demo (the default for BUILDDIR is ".")."""

import os
import re
import signal
import subprocess
import sys
import termios

from pty_term import Pty

DEMO = os.path.join(os.environ.get("BUILDDIR", "."), "screen_demo")

# A shell with job control around the program: without one, nobody could
# continue it and the kernel would not stop it.
SHELL = ["bash", "-c", "set -m; \"$0\"; echo shell''s turn; read -r line; fg",
         DEMO]


class Demo(Pty):
    """The program (or argv) in a pty that is its controlling terminal."""

    def __init__(self, env=None, size=(24, 80), argv=(DEMO,)):
        full = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8")
        for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "LINES",
                     "COLUMNS", "TMUX"):
            full.pop(name, None)
        # a sanitizer would turn the crashes that are asked for into exits
        full["ASAN_OPTIONS"] = full.get("ASAN_OPTIONS", "") + \
            ":handle_segv=0:handle_abort=0:allocator_may_return_null=1"
        full.update(env or {})
        super().__init__(argv, full, size)


results = []


def check(name, why):
    results.append(not why)
    print("%s %d - %s" % ("not ok" if why else "ok", len(results), name))
    if why:
        print("# " + why)
    sys.stdout.flush()


def leaving(name, act, status):
    """Start, do what act does, and look at the terminal afterwards."""
    demo = Demo()
    why = "" if demo.see(b"frame 1") else "no frame"
    first = demo.quiet()
    if not why and b"\033[?1049h" not in first:
        why = "no alternate screen"
    if not why and b"\033[?2004h" not in first:
        why = "no bracketed paste"
    demo.send(b"m")
    demo.quiet()
    if not why and not {1000, 1002, 1004, 1006} <= demo.modes().ever:
        why = "not every mode is on"
    act(demo)
    got = demo.wait()
    if not why and got != status:
        why = "ended with %s, not %s" % (got, status)
    check(name, why or demo.changed())
    demo.close()


def signalled(sig):
    def act(demo):
        demo.got = b""
        demo.proc.send_signal(sig)
    return act


def test_leaving():
    """Pitfall 19: every way out puts every mode back."""
    leaving("undone by screen_close", lambda d: d.send(b"q"), 0)
    leaving("undone by exit()", lambda d: d.send(b"x"), 3)
    leaving("undone by abort()", lambda d: d.send(b"a"), -signal.SIGABRT)
    leaving("undone when there is no memory left", lambda d: d.send(b"n"),
            -signal.SIGABRT)
    leaving("undone at SIGSEGV", lambda d: d.send(b"c"), -signal.SIGSEGV)
    leaving("undone at a stack overflow", lambda d: d.send(b"o"),
            -signal.SIGSEGV)
    for sig in (signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
        leaving("undone at " + sig.name, signalled(sig), -sig)


def test_suspend():
    demo = Demo(argv=SHELL)
    demo.see(b"frame 1")
    demo.quiet()
    demo.send(b"z")
    why = "" if demo.see(b"shells turn") else "it does not stop"
    check("undone while stopped",
          why or (demo.quiet() and demo.changed()))
    demo.send(b"\n")
    why = "" if demo.see(b"frame 2") else "no frame after going on"
    demo.quiet()
    for mode in (b"1049", b"2004"):
        if not why and b"\033[?%sh" % mode not in demo.got:
            why = "mode %s is not on again" % mode.decode()
    if not why and termios.tcgetattr(demo.slave) == demo.before:
        why = "not in raw mode again"
    if not why and b"accent" not in demo.got:
        why = "not drawn again"
    check("going on after a stop", why)
    demo.send(b"q")
    why = "" if demo.wait() == 0 else "bad end"
    check("undone after a stop", why or demo.changed())
    demo.close()


def test_resize():
    demo = Demo()
    why = "" if demo.see(b"size 80x24") else "no frame"
    for rows, cols in ((6, 20), (1, 1), (3, 200), (1, 80), (24, 1)):
        demo.got = b""
        demo.resize(rows, cols)
        demo.quiet()
        if demo.proc.poll() is not None:
            why = why or "died at %dx%d" % (cols, rows)
    for i in range(60):
        demo.resize(1 + i * 7 % 30, 1 + i * 13 % 90)
        demo.read(0.002)
    demo.quiet()
    demo.got = b""
    demo.resize(24, 80)
    if not why and not demo.see(b"size 80x24"):
        why = "not drawn at its old size again"
    demo.send(b"q")
    check("resizing, down to 1x1 and back",
          why or ("" if demo.wait() == 0 else "bad end"))
    demo.close()


def test_lines():
    demo = Demo(env={"LINES": "11", "COLUMNS": "33"})
    why = "" if demo.see(b"size 80x24") else "LINES wins over the terminal"
    demo.got = b""
    demo.resize(30, 100)
    if not why and not demo.see(b"100x30"):
        why = "does not follow a resize"
    check("LINES and COLUMNS do not matter", why)
    demo.send(b"q")
    demo.wait()
    demo.close()


def sgr(out):
    """Every number in an SGR sequence of out."""
    return [n for part in re.findall(rb"\033\[([0-9;:]*)m", out)
            for n in re.split(rb"[;:]", part)]


def is_color(n):
    return n.isdigit() and (30 <= int(n) <= 38 or 40 <= int(n) <= 48 or
                            90 <= int(n) <= 107)


def test_color():
    for env, want in (({}, [b"208", b"24"]),
                      ({"TERM": "screen"}, [b"33", b"44"]),
                      ({"NO_COLOR": "1"}, None),
                      ({"NO_COLOR": ""}, [b"208"]),
                      ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, [b"93"]),
                      ({"FORCE_COLOR": "0"}, None),
                      ({"COLORTERM": "truecolor"}, [b"24"]),
                      ({"TERM": "vt100"}, None)):
        demo = Demo(env=env)
        demo.see(b"status")
        numbers = sgr(demo.quiet())
        if want is None:
            why = "colour is sent" if any(map(is_color, numbers)) else ""
        else:
            why = "" if all(n in numbers for n in want) else \
                "%s sent" % b" ".join(numbers).decode()
        check("colours with %s" % (env or "256"), why)
        demo.send(b"q")
        demo.wait()
        demo.close()


def test_cells():
    demo = Demo()
    demo.see(b"status")
    out = demo.quiet()
    # What is left when every sequence that curses sends is taken out.
    text = re.sub(rb"\033\[[0-9;?>]*[a-zA-Z]|\033[()][A-Z0-9]|\033[=>78]",
                  b"", out)
    bad = [c for c in text if c < 32 and c not in (8, 10, 13)] + \
        [c for c in (b"\xc2\x9b", b"\xe2\x80\xae", b"\xff") if c in text]
    check("no control leaves a cell", "" if not bad else "sent: %r" % bad)
    # Pitfall 7: curses draws what the C library does not know as a blank.
    check("text newer than the C library is seen",
          "" if re.search(rb"\[[^\s\]]+ ?\]", text) else "%r" % text)
    check("wide and combining text is sent whole",
          "" if "中文".encode() in text and "e\u0301".encode() in text
          else "%r" % text)
    check("the last cell of the screen is drawn",
          "" if b"Z" in text else "no Z")
    demo.send(b"t")
    demo.see(b"title")
    out = demo.quiet()
    titles = re.findall(rb"\033\]2;([^\007]*)\007", out)
    check("a title is made harmless",
          "" if len(titles) == 1 and b"\033" not in titles[0] and
          b"\033]52" not in out else "%r" % out)
    demo.send(b"y")
    out = demo.quiet()
    check("text goes to the clipboard, as it is",
          "" if b"\033]52;c;QRtCCg==\a" in out else "%r" % out)
    demo.send(b"q")
    demo.wait()
    check("the title is given back",
          "" if b"\033[23;2t" in demo.got else "%r" % demo.got)
    demo.close()


def test_small_frames():
    demo = Demo()
    demo.see(b"frame 1")
    demo.quiet()
    demo.send(b"s")
    demo.quiet()
    check("only what changed is sent",
          "" if 0 < len(demo.got) < 120 and b"accent" not in demo.got
          else "%d bytes" % len(demo.got))
    demo.send(b"q")
    demo.wait()
    demo.close()


def test_refusal():
    for name, env, word in (("an unknown TERM", {"TERM": "no-such"}, b"TERM"),
                            ("no TERM", {"TERM": ""}, b"TERM"),
                            ("a dumb TERM", {"TERM": "dumb"}, b"cursor")):
        demo = Demo(env=env)
        status = demo.wait()
        check("refused: " + name,
              "" if status == 2 and word in demo.got and
              b"\033" not in demo.got and not demo.changed()
              else "status %s, %r" % (status, demo.got))
        demo.close()
    p = subprocess.run([DEMO], stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check("refused: no terminal",
          "" if p.returncode == 2 and p.stdout == b"" and
          b"fikr ask" in p.stderr else "%r" % p)


def main():
    test_leaving()
    test_suspend()
    test_resize()
    test_lines()
    test_color()
    test_cells()
    test_small_frames()
    test_refusal()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
