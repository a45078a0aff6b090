#!/usr/bin/env python3
"""Text on its way to the terminal, seen from a pty: links, the order of
right-to-left text and who is told about it, and that nothing in a text is
obeyed.  Prints TAP.  Runs $BUILDDIR/screen_demo (the default for BUILDDIR is
".") and $FIKR."""

import glob
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from fake_worker import HOSTILE  # noqa: E402
from pty_term import Pty  # noqa: E402
from screen_pty import Demo, check, results  # noqa: E402
from terminal import Chat  # noqa: E402

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


def test_wrapped_link():
    """Catches a link of the conversation that only the first of its rows leads
    to."""
    url = "https://example.org/" + "a/" * 12
    with Chat(size=(24, 40)) as chat:
        chat.start()
        paste(chat, f"[a link whose text takes more than a row]({url})")
        chat.send(b"\r")
        chat.pty.until(lambda: len(links(chat.pty.all)[0]) > 2)
        chat.pty.quiet()
        found, closed = links(chat.pty.all)
        rows = [text for href, text in found if href == url.encode()]
        check("a wrapped link leads there from each row",
              "" if closed and any(b"a link whose" in t for t in rows) and
              any(b"a row" in t for t in rows) else "%r" % found)
        chat.quit()


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


def test_settings():
    """Catches a setting of who reorders that is not obeyed: what is declared,
    and the order in which a title's letters are sent."""
    read, shown = "\u05d0\u05d1\u05d2", "\u05d2\u05d1\u05d0"
    folder = tempfile.mkdtemp(prefix="fikr-text-")
    for by, on, order in (("explicit", b"\033[8l", shown),
                          ("words", b"\033[8l", read),
                          ("terminal", b"\033[8h\033[?2501h", read),
                          ("off", None, read)):
        conf = os.path.join(folder, by + ".yaml")
        with open(conf, "w") as f:
            f.write("bidi: %s\n" % by)
        with Chat(args=["--config", conf]) as chat:
            chat.start()
            paste(chat, read)
            out = chat.pty.all
            chat.send(b"\x03")
            chat.pty.quiet()
            chat.quit()
        declared = on in out if on else not re.search(rb"\033\[8[hl]", out)
        check("bidi: %s" % by, "" if declared and order.encode() in out
              else "%r" % out[-600:])
    shutil.rmtree(folder)


def obeyed(out):
    """What a terminal would obey in out that only the hostile text can have
    put there."""
    raw = [b"\033[31mred", b"\033]52", b"\033]0;", b"\033P", b"\033\\ ",
           b"over\rtyped", b"\x0e", b"\x7f", b"\b\b\x7f"]
    raw += [c.encode() for c in "\x9b\x9c\x9d\u202c\u202e\u2066\u2069\u200f"]
    bad = [c for c in raw if c in out]
    # Inside of the sequences that fikr itself sends.
    bad += [s for s in re.findall(rb"\033\][^\033\007]*", out)
            if re.search(rb"[\x00-\x1f\x7f]", s[2:])]
    return "" if not bad else "%r" % bad


def paste(chat, text):
    chat.send(b"\033[200~" + text.encode() + b"\033[201~")
    chat.pty.quiet()


def test_hostile():
    """Pitfall 10.  Catches text that is obeyed on any of the routes to a
    terminal: a screen with hostile message, thought, answer (heading, quote,
    list, code, table, links), title, model name, and the commands that print
    conversations."""
    folder = tempfile.mkdtemp(prefix="fikr-text-")
    model = os.path.join(folder, "\x1b]0;x\x07\u202e.gguf")
    with open(model, "w"):
        pass
    with Chat(size=(60, 100), model=model) as chat:
        chat.start()
        paste(chat, "hostile " + HOSTILE)
        chat.send(b"\r")
        chat.see("That was all.")
        chat.pty.quiet()
        for key in (b"\033OP", b"\033", b"\033[5~", b"\033[5~"):
            chat.send(key)
            chat.pty.quiet()
        paste(chat, "/rename " + HOSTILE)
        chat.send(b"\r")
        chat.pty.quiet()
        paste(chat, "/" + HOSTILE)
        chat.send(b"\r")
        chat.pty.quiet()
        shown = chat.pty.all
        unseen = [c for c in ("\u200b", "\ufeff") if c.encode() in shown]
        check("a hostile conversation on the screen",
              obeyed(shown) or (unseen and "%r" % unseen))
        check("what it says can be seen", "" if "␛[31mred".encode() in shown
              and b"<U+202E>" in shown else "%r" % shown[-2000:])
        chat.send(b"\x03")
        chat.pty.quiet()
        chat.quit()
        saved = glob.glob(chat.home.dir + "/data/fikr/conversations/*.yaml")
        name = os.path.basename(saved[0]).split(".")[0] if saved else "none"
        for args in (["list"], ["show", name], ["show", HOSTILE],
                     ["ask", "-m", model, "hostile " + HOSTILE],
                     ["ask", "-m", HOSTILE + ".gguf", "x"]):
            pty = Pty([chat.argv[0], *args], chat.home.env)
            pty.wait()
            check("fikr %s says hostile text harmlessly" % args[0],
                  obeyed(pty.all) or ("" if b"red" in pty.all
                                      else "%r" % pty.all))
            pty.close()
    shutil.rmtree(folder)


def main():
    test_links()
    test_wrapped_link()
    test_order()
    test_settings()
    test_hostile()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
