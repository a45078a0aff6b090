#!/usr/bin/env python3
"""The linear mode on a pty: the whole program, with the stand-in for its
worker, on a terminal that knows nothing (dumb) and on one that does.  TAP."""

import glob
import os
import re
import signal
import sys

import termios
from pty_term import Pty
from tap import Home, SRC, Tap, program

FAKE = os.path.join(SRC, "tests", "fake_worker.py")
tap = Tap()


class Chat:
    """fikr in a home of its own."""

    def __init__(self, term="dumb", args=(), home=None, argv=None, **env):
        self.own = home is None
        self.home = home or Home()
        self.home.file("data/fikr/models/m.gguf")
        self.home.file("data/fikr/models/Fake-Other.gguf")
        for name in ("LINES", "COLUMNS", "STY", "LANG", "LANGUAGE"):
            self.home.env.pop(name, None)
        self.home.env.update(FIKR_WORKER=FAKE, FIKR_SHARE=SRC, TERM=term,
                             FIKR_FAKE_GATE=self.home.dir + "/gate")
        self.home.env.update(env or {"FIKR_PLAIN": "1"})
        self.argv = [program("fikr"), "-m", "m.gguf", *args]
        self.pty = Pty(argv(self.argv) if argv else self.argv, self.home.env)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.pty.close()
        if self.own:
            self.home.done()

    def see(self, *texts):
        for text in texts:
            assert self.pty.see(text.encode()), "no %r in %r" % (
                text, self.pty.got[-600:].decode("utf-8", "replace"))

    def start(self):
        self.see("model is ready.", "You: ")
        self.pty.quiet()
        return self

    def send(self, text):
        """A line, or keys as they are."""
        self.pty.send(text.encode())

    def line(self, text):
        self.send(text + "\n" if self.home.env["TERM"] == "dumb" else
                  text + "\r")

    def ask(self, text):
        """Everything up to the next prompt."""
        self.line(text)
        assert self.pty.until(lambda: b"\nYou: " in self.pty.got and
                              not self.pty.read(0.2)), self.pty.got
        return self.text()

    def text(self):
        return self.pty.got.decode("utf-8", "replace").replace("\r\n", "\n")

    def gate(self):
        self.home.file("gate")

    def quit(self, status=0):
        got = self.pty.wait()
        assert got == status, "ended with %s: %r" % (got, self.pty.got[-300:])
        why = self.pty.changed()
        assert not why, why

    def answers(self):
        """The only conversation, as it is saved."""
        out = self.home.run("show", self.ids()[0])
        assert out[0] == 0
        return out[1].decode()

    def ids(self):
        return [os.path.basename(f)[:-5] for f in sorted(glob.glob(
            self.home.path("conversations", "*.yaml")))]


def on_both(fn):
    """A case on a terminal of lines and on one of keys."""
    for term in ("dumb", "xterm"):
        tap.add("%s on %s" % (fn.__name__.replace("_", " "), term),
                lambda term=term: fn(term))
    return fn


@on_both
def a_conversation(term):
    """Text lost or said twice; a part without its name; lines that the
    terminal is not told to leave alone."""
    with Chat(term) as c:
        c.start()
        got = c.ask("think 5 long 40")
        steps = "".join("Step %d: this is what the model tells itself before "
                        "it answers.\n" % i for i in range(1, 6))
        items = "\n".join("%d. Item number %d of the long answer." % (i, i)
                          for i in range(1, 41))
        want = "\nThinking:\n%sThought briefly" % steps
        assert want in got, got
        assert re.search(r"\nThought briefly, \d+ tokens\.\nAnswer:\n" +
                         re.escape(items) + "\nYou: $", got), got
        saved = c.answers()
        assert items in saved, saved
        got = c.ask("and again")
        assert got.count("You said: and again") == 1, got
        assert "Step" not in got and "Item" not in got, got
        c.send("\x04")
        c.quit()
        if term == "dumb":
            assert b"\033" not in c.pty.all, c.pty.all
        for sequence in re.findall(rb"\033[^\033]{0,8}", c.pty.all):
            assert sequence.startswith(b"\033[?2004"), sequence


@on_both
def an_answer_is_stopped(term):
    with Chat(term) as c:
        c.start()
        c.line("slow long 40")
        c.see("Item number 19")
        c.pty.quiet()
        c.send("\x03")
        c.see("(stopped)", "You: ")
        assert "Item number 40" not in c.text()
        c.pty.quiet()
        c.send("\x03")
        c.see("again to quit", "You: ")
        c.send("\x03")
        c.quit()


@on_both
def what_is_typed_meanwhile_waits(term):
    with Chat(term) as c:
        c.start()
        c.line("slow long 40")
        c.see("Item number 19")
        c.line("next one")
        c.see("Note: 1 message waits for its turn.")
        c.line("/queue")
        c.see("1. next one")
        c.gate()
        c.see("Item number 40", "You: next one", "Answer:",
              "You said: next one", "You: ")
        c.line("/quit")
        c.quit()


@on_both
def again_and_versions(term):
    with Chat(term) as c:
        c.start()
        c.ask("hello there")
        got = c.ask("/regen")
        assert "Answer, version 2 of 2:\nYou said: hello there" in got, got
        assert got.count("You said") == 1, got
        got = c.ask("/do version-before")
        assert "Answer, version 1 of 2:\nYou said: hello there" in got, got
        got = c.ask("/diff")
        assert "The answer" in got and "You said: hello there" in got, got
        got = c.ask("/do version-before")
        assert "Note: This is the first version" in got, got
        assert "Answer" not in got, got
        c.line("/undo")
        c.see("Press y", "y/n: ")
        c.send("y\n" if term == "dumb" else "y")
        c.see("You: ")
        got = c.ask("/show")
        assert "hello" not in got.replace("/show", ""), got


@on_both
def lists_are_numbered(term):
    with Chat(term) as c:
        c.start()
        c.line("/model")
        c.see("1. ", "2. ", "Enter for none: ")
        c.line("zzz")
        c.see("nothing like that", "Enter for none: ")
        c.line("fake-other")
        c.see("1. Fake-Other", "Enter for none: ")
        c.line("1")
        c.see("Fake-Other", "The model is ready.", "You: ")
        c.pty.quiet()
        c.line("/persona")
        c.see("Personas:", "1. none", "2. ", "Enter for none: ")
        c.line("99")
        c.see("The list goes from 1 to ", "Enter for none: ")
        c.line("2")
        c.see("from the next message on", "You: ")
        c.pty.quiet()
        got = c.ask("/system")
        assert "The system prompt is: " in got, got
        c.line("/theme")
        c.see("Enter for none: ")
        c.line("")
        c.see("You: ")
        assert "To keep it" not in c.text()


@on_both
def pages_are_text(term):
    """Bars and boxes that a reader spells out."""
    with Chat(term) as c:
        c.start()
        c.ask("think 2 first")
        got = c.ask("/context")
        assert re.search(r"\d+ of \d+ tokens", got), got
        assert "to read, model, You said: think 2 first" in got, got
        got += c.ask("/stats")
        assert re.search(r"\nMean of this answer: \d", got), got
        assert re.search(r"\n[A-Z].* \(.*\), 20\d\d-\d\d-\d\d\n\S", got), got
        assert not re.search(r"\n(?!You:).*\S  ", got), got
        got += c.ask("/help")
        for line in ("/regen: Answer again", "/do send: Send the message"):
            assert "\n" + line in got, got
        got += c.ask("/help persona")
        assert not re.search("[\u2500-\u259f\u2800-\u28ff]", got), got
        got = c.ask("/nonsense")
        assert "Error: There is no /nonsense" in got, got


@on_both
def views_of_thinking(term):
    with Chat(term) as c:
        c.start()
        c.ask("/view hidden")
        got = c.ask("think 5 one")
        assert "Thinking…\nThought briefly" in got, got
        assert "Step" not in got, got
        c.ask("/view brief")
        got = c.ask("think 5 two")
        assert "Step 2" not in got, got
        assert got.index("Thinking…") < got.index("Step 3") < \
            got.index("Step 5") < got.index("Thought briefly"), got
        got = c.ask("/find step 1")
        assert got.count("Thinking: Step 1:") == 2, got


@on_both
def deleted_and_brought_back(term):
    """Catches tags, an archive and a trash that need the screen's list."""
    with Chat(term) as c:
        c.start()
        c.ask("keep this")
        c.line("/tag")
        c.see("Tags: ")
        c.ask("work, later")
        c.ask("/archive")
        c.line("/archived")
        c.see("1. keep this", "Enter for none: ")
        c.line("")
        c.see("You: ")
        c.pty.quiet()
        c.line("/delete")
        c.see("in the trash for 30 days; /restore", "You: ")
        c.pty.quiet()
        ident = c.home.run("trash")[1].decode().split()[0]
        c.line("/trash")
        c.see("1. keep this", "Enter for none: ")
        c.line("1")
        c.see("Brought back")
        assert c.home.run("tag", ident)[1] == b"work\nlater\n"


@on_both
def all_are_searched(term):
    """Catches a search of all conversations whose list says nothing of where
    the words are, and one that leaves the prompt somewhere else."""
    with Chat(term) as c:
        c.start()
        c.ask("tell me of alpha rays")
        c.line("/new")
        c.see("You: ")
        c.pty.quiet()
        c.ask("tell me of beta rays")
        c.line("/search alpha")
        c.see("1. tell me of alpha rays, title", ": tell me of alpha rays",
              "2. tell me of alpha rays, answer", "Enter for none: ")
        c.line("beta rays")
        c.see("1. tell me of beta rays, title", "Enter for none: ")
        c.line("alpha")
        c.see("2. ", "Enter for none: ")
        c.line("2")
        c.see("You: ")
        c.pty.quiet()
        got = c.ask("what then")
        assert "You said: what then" in got, got
        got = c.ask("/show")
        assert "alpha rays" in got and "what then" in got, got


@on_both
def what_was_said_before(term):
    """A conversation that is opened again shows nothing, or all of it."""
    home = Home()
    try:
        for args in ((), ("--continue",)):
            with Chat(term, args=args, home=home) as c:
                c.start()
                if args:
                    assert b"You: second" in c.pty.all, c.pty.all
                    assert b"You said: second" in c.pty.all
                    assert b"said: first" not in c.pty.all
                    got = c.ask("/show")
                    assert got.count("You said: first") == 1, got
                else:
                    c.ask("first")
                    c.ask("second")
                c.line("/quit")
                c.quit()
    finally:
        home.done()


@on_both
def a_hostile_answer(term):
    with Chat(term) as c:
        c.start()
        c.ask("hostile")
        c.send("\x04")
        c.quit()
        out = c.pty.all.replace(b"\033[?2004h", b"").replace(
            b"\033[?2004l", b"")
        assert b"\033" not in out, out
        for bad in ("\x07", "\x0e", "\x7f", "\u202e", "\x9b", "\x9d"):
            assert bad.encode() not in out, repr(bad)


@on_both
def a_worker_that_dies(term):
    with Chat(term) as c:
        c.start()
        c.line("long 20 die")
        c.see("Error: The worker", "The text so far is kept", "You: ")
        got = c.ask("hello")
        assert "You said: hello" in got, got
        for sig in (signal.SIGTERM,):
            c.pty.proc.send_signal(sig)
            c.quit(128 + sig)


@on_both
def a_hangup(term):
    with Chat(term) as c:
        c.start()
        c.line("slow long 40")
        c.see("Item number 19")
        c.pty.proc.send_signal(signal.SIGHUP)
        c.quit(128 + signal.SIGHUP)
        assert "Item number 19" in c.answers()


@on_both
def stopped_and_continued(term):
    """^Z: the shell gets the terminal as it was, and fg gives it back."""
    def shell(argv):
        return ["bash", "-c", "set -m; \"$@\"; echo shell''s turn; "
                "stty -a | grep -o ' .\\?icanon'; read -r line; fg", "x",
                *argv]
    with Chat(term, argv=shell) as c:
        c.start()
        c.send("\x1a")
        c.see("shells turn", " icanon")
        c.send("\n")
        c.see("You: ")
        c.pty.quiet()
        if term == "xterm":
            assert not termios.tcgetattr(c.pty.slave)[3] & termios.ICANON
        got = c.ask("hello")
        assert "You said: hello" in got, got
        c.send("\x04")
        assert c.pty.wait() == 0


@tap.case
def several_lines_and_an_earlier_message_on_dumb():
    with Chat() as c:
        c.start()
        c.line("one \\")
        c.pty.quiet()
        c.line("two")
        c.see("You said: one \n".replace("\n", "\r\n") + "two", "You: ")
        c.pty.quiet()
        c.line("/edit")
        c.see("In the prompt: one ")
        c.pty.quiet()
        got = c.ask("three")
        assert "Answer:\nYou said: three" in got, got
        assert c.ask("/show").count("You said") == 1
        c.line("/rename")
        c.see("Title: ")
        c.ask("Numbers")
        assert "Numbers" in c.home.run("list")[1].decode()


@tap.case
def editing_on_xterm():
    """The line is the person's own readline: its keys, history and paste; each
    key sends what changed and nothing else."""
    with Chat("xterm") as c:
        c.start()
        c.send("helo")
        c.see("helo")
        c.pty.quiet()
        c.send("\x02l")            # back one, and a letter
        c.pty.quiet()
        assert c.pty.got in (b"\blo\b", b"\b" b"lo\b"), c.pty.got
        c.send("\r")
        c.see("You said: hello", "You: ")
        c.pty.quiet()
        c.send("\x10")             # ^P: what was sent before
        c.see("hello")
        c.send("\x15")
        c.pty.quiet()
        c.send("\033[200~two\nlines\033[201~")
        c.pty.quiet()
        assert b"said" not in c.pty.got
        got = c.ask("")
        assert "You said: two\nlines" in got, got
        c.send("/reg\t")
        c.see("/regen ")
        c.send("\x15\x1b[?64;1c")   # a late reply is nobody's text
        c.pty.quiet()
        assert b"64" not in c.pty.got, c.pty.got


@tap.case
def typing_while_it_answers_on_xterm():
    """Output in the middle of the line that is typed."""
    with Chat("xterm") as c:
        c.start()
        c.line("slow long 40")
        c.see("Item number 19")
        c.pty.quiet()
        c.send("wait")
        c.see("You: wait")
        c.gate()
        c.see("Item number 40", "You: wait")
        c.pty.quiet()
        got = c.text()
        for i in range(22, 41):
            assert got.count("Item number %d " % i) == 1, (i, got)
        got = c.ask("")
        assert "You said: wait" in got, got


def chosen(**env):
    with Chat(env.pop("TERM", "xterm"), **env) as c:
        c.see("line by line")
        c.start()
        c.line("/quit")
        c.quit()


@tap.case
def what_chooses_it():
    chosen(ACCESSIBLE="1")
    chosen(FIKR_PLAIN="1")
    chosen(args=["--plain"], FIKR_PLAIN="0")
    chosen(TERM="dumb", FIKR_PLAIN="")


@tap.case
def what_does_not():
    """The screen of everybody else, and no terminal at all."""
    with Chat("xterm", ACCESSIBLE="0", FIKR_PLAIN="") as c:
        c.see("\033[?1049h")
    with Home() as home:
        status, out, err = home.run("--plain")
        assert status == 2 and not out and "needs a terminal" in err, err


sys.exit(tap.run())
