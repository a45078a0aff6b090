#!/usr/bin/env python3
"""Text on its way to the terminal, seen from a pty: links, the order of
right-to-left text and who is told about it.  Prints TAP.  Runs
$BUILDDIR/screen_demo (the default for BUILDDIR is ".")."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from screen_pty import Demo, check, results  # noqa: E402

LINK = re.compile(rb"\033\]8;([^;\033]*);([^\033]*)\033\\")


def links(out):
    """[(address, text inside)] of every link, and whether all are closed."""
    parts = LINK.split(out)
    found = []
    for i in range(1, len(parts), 3):
        if parts[i + 1]:
            text = re.sub(rb"\033\[[0-9;?]*[a-zA-Z]|\033\([A-Z0-9]|[\x0e\x0f]",
                          b"", parts[i + 2])
            found.append((parts[i + 1], text))
    return found, len(parts) < 4 or parts[-2] == b""


def test_links():
    """Catches links that are not sent, cover the wrong text, are left open
    over all that follows, or stay when the text leads nowhere any more."""
    demo = Demo()
    demo.see(b"frame 1")
    demo.quiet()
    demo.send(b"l")
    found, closed = links(demo.quiet())
    want = [(b"https://example.org/a", b"the page"), (b"http://b", b"gone")]
    check("links are sent", "" if found == want and closed else
          "%r" % demo.got)
    demo.send(b"l")
    found, closed = links(demo.quiet())
    check("a link that is gone is taken off the terminal",
          "" if found == want[:1] and closed and b"gone" in demo.got else
          "%r" % demo.got)
    demo.send(b"q")
    demo.wait()
    demo.close()
    for term in ("linux", "vt100"):
        demo = Demo(env={"TERM": term})
        demo.see(b"frame 1")
        demo.send(b"l")
        out = demo.quiet()
        check("no links for " + term, "" if b"\033]8" not in out and
              b"the page" in out else "%r" % out)
        demo.send(b"q")
        demo.wait()
        demo.close()


def test_order():
    """Catches a terminal that is not told to leave the order alone, or not
    told when that is over (a stop included), and Arabic letters that are sent
    without being joined."""
    demo = Demo()
    demo.see(b"frame 1")
    before = demo.quiet()
    demo.send(b"b")
    on = demo.quiet()
    demo.send(b"l")
    joined = demo.quiet()
    demo.send(b"q")
    demo.wait()
    check("the order is declared", "" if b"\033[8l" in on and
          b"\033[8l" not in before else "%r" % on)
    check("the declaration is taken back", "" if b"\033[8h" in demo.got
          else "%r" % demo.got)
    check("Arabic letters are joined",
          "" if "\ufe90\ufe91".encode() in joined else "%r" % joined)
    demo.close()
    demo = Demo(env={"TERM": "linux"})
    demo.see(b"frame 1")
    demo.send(b"b")
    out = demo.quiet()
    demo.send(b"q")
    demo.wait()
    check("nothing is declared to a terminal that may not know it",
          "" if b"\033[8" not in out + demo.got else "%r" % out)
    demo.close()


def main():
    test_links()
    test_order()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
