"""A program on a pty, and a small model of the terminal behind it: which modes
the bytes that it wrote have left it in."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

LIMIT = 20.0  # seconds: how long anything may take before it counts as hung

# The one table of modes that must be as they were: DEC private modes by their
# number, with what they are at the beginning.
PRIVATE = {
    1049: False,  # alternate screen
    2004: False,  # bracketed paste
    1000: False, 1002: False, 1003: False, 1006: False,  # mouse
    1004: False,  # focus
    2026: False,  # synchronized output
    25: True,  # the cursor is seen
    2501: False,  # bidi: the direction of a paragraph by its text
    7: True,  # wrapping at the edge
}
ANSI = {8: True}  # implicit bidi: the terminal reorders text

SEQUENCE = re.compile(
    rb"\033\[([<=>?]?)([0-9;:]*)([ !$'\"]?)([@-~])"  # CSI
    rb"|\033[\]P_^X](?:[^\033\007]|\033\033)*(?:\007|\033\\)"  # strings
    rb"|\033[()][A-Z0-9]|\033[=>78cDEHM]")


class Modes:
    """What the terminal is like after these bytes."""

    def __init__(self, out=b""):
        self.private = dict(PRIVATE)
        self.ansi = dict(ANSI)
        self.kitty = {False: [], True: []}  # stacks: main and alternate screen
        self.under = []  # pops of an empty stack
        self.other_keys = 0
        self.titles = 0
        self.ever = set()
        self.feed(out)

    def feed(self, out):
        for m in SEQUENCE.finditer(out):
            if m.group(4):
                prefix, params, between, final = m.groups()
                self.csi(prefix, params, between, final)

    def csi(self, prefix, params, between, final):
        v = [int(p) if p.isdigit() else 0 for p in params.split(b";")]
        if prefix == b"?" and final in b"hl" and not between:
            for n in v:
                if n in self.private:
                    self.private[n] = final == b"h"
                if final == b"h":
                    self.ever.add(n)
        elif prefix == b"" and final in b"hl" and v[0] in self.ansi:
            self.ansi[v[0]] = final == b"h"
            self.ever.add("bidi")
        elif prefix == b">" and final == b"u":
            self.kitty[self.private[1049]].append(v[0])
            self.ever.add("kitty")
        elif prefix == b"<" and final == b"u":
            stack = self.kitty[self.private[1049]]
            stack.pop() if stack else self.under.append("kitty")
        elif prefix == b">" and final == b"m" and v[0] == 4:
            self.other_keys = v[1] if len(v) > 1 else 0
            self.ever.add("other keys")
        elif final == b"t" and v[:1] in ([22], [23]):
            self.titles += 1 if v[0] == 22 else -1

    def changed(self):
        """What is not as it was, as text; '' when all is."""
        bad = ["mode %d" % n for n, v in PRIVATE.items()
               if self.private[n] != v]
        bad += ["mode %d (ANSI)" % n for n, v in ANSI.items()
                if self.ansi[n] != v]
        if self.kitty[False] or self.kitty[True] or self.under:
            bad.append("kitty's keys: %s %s" % (self.kitty, self.under))
        if self.other_keys:
            bad.append("modifyOtherKeys")
        if self.titles:
            bad.append("the stack of titles: %d" % self.titles)
        return ", ".join(bad)


class Pty:
    """argv on a pty that is its controlling terminal.  What it asks is
    answered from replies, a list of (question, answer), each once."""

    def __init__(self, argv, env, size=(24, 80), replies=(), pass_fds=()):
        self.master, slave = pty.openpty()
        self.slave = slave
        self.before = termios.tcgetattr(slave)
        self.got = b""  # since the last key was sent
        self.all = b""
        self.replies = list(replies)
        self.answered = []
        self.resize(*size)
        self.proc = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env,
            preexec_fn=self.own_session, pass_fds=pass_fds)

    def own_session(self):
        # whoever runs the tests in the background has these ignored
        for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(sig, signal.SIG_DFL)
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, rows, cols):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, wait):
        ready = select.select([self.master], [], [], wait)[0]
        if ready:
            data = os.read(self.master, 65536)
            self.got += data
            self.all += data
            self.answer()
        return bool(ready)

    def answer(self):
        for pair in list(self.replies):
            question, answer = pair
            if self.all.count(question) > self.answered.count(question):
                self.replies.remove(pair)
                self.answered.append(question)
                os.write(self.master, answer)

    def until(self, done):
        end = time.monotonic() + LIMIT
        while not done():
            if time.monotonic() > end:
                return False
            self.read(0.02)
        return True

    def see(self, text):
        return self.until(lambda: text in self.got)

    def quiet(self, wait=0.25):
        """Everything that comes until nothing does for a moment."""
        while self.read(wait):
            pass
        return self.got

    def send(self, key):
        self.got = b""
        os.write(self.master, key)

    def wait(self):
        """Read to the end: how the program ended, None if it did not."""
        self.until(lambda: self.proc.poll() is not None)
        self.quiet()
        return self.proc.poll()

    def modes(self):
        return Modes(self.all)

    def changed(self):
        """Why the terminal is not as it was, or ''."""
        why = self.modes().changed()
        if why:
            return "left behind: " + why
        if termios.tcgetattr(self.slave) != self.before:
            return "termios differs"
        return ""

    def close(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        os.close(self.master)
        os.close(self.slave)
