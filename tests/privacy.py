#!/usr/bin/env python3
"""What fikr leaves behind, looked for in every file of a home: nothing of a
temporary chat, nothing of a conversation that was forgotten, nothing in the
clear of a store that is locked.  The real program on a pty, the real worker,
the real model.  TAP."""

import base64
import ctypes
import ctypes.util
import glob
import hashlib
import os
import re
import shutil
import signal
import stat
import sys

from pty_term import Pty
from tap import Home, NEEDS_MODEL, SRC, Tap, program

try:
    SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or
                         "libsodium.so.23")
except OSError:
    SODIUM = None
NEEDS_SODIUM = ("no libsodium to load", SODIUM is not None)
SECRET = "xyzzyplugh"           # no model says that by itself
PASS = "correct horse battery"
tap = Tap()


class Desk(Home):
    """A home in which everything is that a run may write to."""

    def __init__(self):
        super().__init__(model=True)
        self.env.update(FIKR_SHARE=SRC, TMPDIR=self.dir + "/tmp",
                        XDG_CACHE_HOME=self.dir + "/cache")
        os.mkdir(self.dir + "/tmp", 0o700)

    def saved(self):
        return sorted(glob.glob(self.path("conversations", "*.yaml")))

    def files(self):
        for folder, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.islink(path) and os.path.isfile(path):
                    yield path

    def where(self, word):
        """Files with the word in them, or in their names."""
        word = word.encode()
        found = []
        for path in self.files():
            with open(path, "rb") as f:
                if word in f.read() or word in path.encode():
                    found.append(os.path.relpath(path, self.dir))
        return found

    def passphrase(self, text=PASS):
        self.env["FIKR_PASSPHRASE_FILE"] = self.file("pass", text + "\n")

    def ok(self, *args):
        status, out, err = self.run(*args)
        assert status == 0, (args, status, out, err)
        return out.decode()


class Chat:
    """fikr on a pty; leaving it ends it as a person would."""

    def __init__(self, desk, *args):
        self.desk = desk
        self.pty = Pty([program("fikr"), "--seed", "7", "-n", "24", *args],
                       desk.env, size=(30, 100))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.pty.close()

    def see(self, text):
        assert self.pty.see(text.encode()), "no %r in %r" % (
            text, self.pty.got[-600:])

    def start(self):
        self.see("ready")
        self.pty.quiet()

    def ask(self, text):
        for c in text:
            self.pty.send(c.encode())
            self.pty.read(0.005)
        self.pty.quiet(0.1)
        self.pty.send(b"\r")

    def answered(self):
        self.see("ready")
        self.pty.quiet()

    def quit(self):
        self.pty.send(b"\x04")
        status = self.pty.wait()
        assert status == 0, (status, self.pty.got[-300:])
        assert self.pty.changed() == "", self.pty.changed()

    def children(self):
        pid = self.pty.proc.pid
        path = "/proc/%d/task/%d/children" % (pid, pid)
        return [int(x) for x in open(path).read().split()]

    def kill_all(self):
        for pid in [self.pty.proc.pid, *self.children()]:
            os.kill(pid, signal.SIGKILL)
        self.pty.wait()


def told(desk, *args):
    """A conversation about the secret, with an answer, and the chat ended."""
    with Chat(desk, *args) as c:
        c.start()
        c.ask("Please write a poem about %s." % SECRET)
        c.answered()
        c.quit()


def the_id(desk):
    saved = desk.saved()
    assert len(saved) == 1, saved
    return os.path.basename(saved[0])[:-len(".yaml")]


# ---- temporary ----------------------------------------------------------

@tap.needing(NEEDS_MODEL)
def what_is_saved_would_be_found():
    """Catches a search of the home that finds nothing because it looks in the
    wrong places: without --temporary there is plenty."""
    with Desk() as desk:
        told(desk)
        where = " ".join(desk.where(SECRET))
        assert "conversations/" in where and "state/fikr/history" in where, \
            where


@tap.needing(NEEDS_MODEL)
def a_temporary_chat_leaves_nothing():
    with Desk() as desk:
        told(desk, "--temporary")
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert desk.saved() == []
        assert not glob.glob(desk.dir + "/cache/fikr/kv/*")


@tap.needing(NEEDS_MODEL)
def a_temporary_chat_that_is_killed_leaves_nothing():
    with Desk() as desk, Chat(desk, "--temporary", "-n", "400") as c:
        c.start()
        c.ask("Please write a poem about %s." % SECRET)
        c.see("Think")          # it is at it
        c.kill_all()
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert desk.saved() == []


@tap.needing(NEEDS_MODEL)
def a_conversation_made_temporary_leaves_nothing():
    """Alt-P in a chat that saves: the next conversation but not this one."""
    with Desk() as desk, Chat(desk) as c:
        c.start()
        c.ask("Hello")
        c.answered()
        c.pty.send(b"\033p")
        c.see("not saved")
        c.ask("Please write a poem about %s." % SECRET)
        c.answered()
        c.ask("/rename %s" % SECRET)
        c.pty.quiet()
        c.quit()
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert len(desk.saved()) == 1


@tap.needing(NEEDS_MODEL)
def a_saved_conversation_is_gone_on_with_in_memory():
    """Catches a temporary chat that writes into the conversation it opened."""
    with Desk() as desk:
        with Chat(desk) as c:
            c.start()
            c.ask("Hello there")
            c.answered()
            c.quit()
        before = open(desk.saved()[0], "rb").read()
        with Chat(desk, "--temporary", "--continue") as c:
            c.start()
            c.ask("Please write a poem about %s." % SECRET)
            c.answered()
            c.quit()
        assert open(desk.saved()[0], "rb").read() == before
        assert desk.where(SECRET) == [], desk.where(SECRET)


# ---- who may read -------------------------------------------------------

@tap.needing(NEEDS_MODEL)
def nobody_else_may_read_what_a_session_leaves():
    """Catches a file or a folder of whatever kind that others can look at."""
    old = os.umask(0o77)
    try:
        with Desk() as desk:
            os.umask(0)
            told(desk)
            desk.ok("search", SECRET)
            out = desk.dir + "/data/fikr/out"
            desk.ok("export", the_id(desk), "-o", out + ".md")
            desk.ok("replay", the_id(desk), "--cast", out + ".cast")
            desk.ok("rm", the_id(desk))
            told(desk)
            seen = 0
            for folder, names, files in os.walk(desk.dir):
                if "/fikr" not in folder[len(desk.dir):]:
                    continue
                for name in [folder] + [os.path.join(folder, f)
                                        for f in files]:
                    if os.path.islink(name) or "/models" in name:
                        continue
                    mode = stat.S_IMODE(os.stat(name).st_mode)
                    seen += 1
                    assert mode & 0o77 == 0, "%s is %o" % (name, mode)
            assert seen > 8, seen
    finally:
        os.umask(old)


# ---- forget -------------------------------------------------------------

@tap.needing(NEEDS_MODEL)
def what_is_forgotten_is_nowhere():
    with Desk() as desk:
        told(desk)
        assert SECRET in desk.ok("search", SECRET)
        id = the_id(desk)
        out = desk.ok("forget", "--yes", id)
        assert "history" in out and "file" in out, out
        assert "disk may keep" in out, out      # no promise that is not kept
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert desk.where(id) == [], desk.where(id)
        status, out, err = desk.run("forget", "--yes", id)
        assert status == 1 and "there is no conversation" in err, err


@tap.needing(NEEDS_MODEL)
def what_is_forgotten_from_the_trash_is_nowhere():
    with Desk() as desk:
        told(desk)
        id = the_id(desk)
        desk.ok("rm", id)
        assert desk.where(SECRET) != []
        desk.ok("forget", "--yes", id)
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert desk.where(id) == [], desk.where(id)


@tap.needing(NEEDS_MODEL)
def forgetting_leaves_the_others_alone():
    with Desk() as desk:
        told(desk)
        id = the_id(desk)
        with Chat(desk) as c:
            c.start()
            c.ask("Something else entirely")
            c.answered()
            c.quit()
        desk.ok("forget", "--yes", id)
        assert len(desk.saved()) == 1
        assert "Something else" in desk.ok("show", the_id(desk))
        with open(desk.dir + "/state/fikr/history") as f:
            assert f.read() == "Something else entirely\n"


@tap.needing(NEEDS_MODEL)
def forgetting_asks_first():
    with Desk() as desk:
        told(desk)
        id = the_id(desk)
        status, _, err = desk.run("forget", id)
        assert status == 1 and "--yes" in err, err
        for key, left in ((b"n\n", 1), (b"y\n", 0)):
            p = Pty([program("fikr"), "forget", id], desk.env)
            assert p.see(b"(y/n)"), p.got
            assert SECRET.encode() in p.all     # which one that is
            p.send(key)
            p.wait()
            p.close()
            assert len(desk.saved()) == left


@tap.needing(NEEDS_MODEL)
def forgotten_on_the_screen_is_nowhere():
    """Catches a worker that writes its state of the conversation when it ends,
    after that was forgotten."""
    with Desk() as desk:
        with Chat(desk, "-n", "100") as c:
            c.start()
            c.ask("Please write a poem about %s." % SECRET)
            c.answered()
            id = the_id(desk)
            c.ask("/forget")
            c.see("every trace")
            c.pty.send(b"y")
            c.see("Forgotten")
            c.quit()
        assert desk.saved() == []
        # the /forget itself is no trace of what was said
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert desk.where(id) == [], desk.where(id)


# ---- lock ---------------------------------------------------------------

def open_box(key, box, of):
    """What is in nonce and box."""
    n = len(box) - 24 - 16
    text = ctypes.create_string_buffer(max(n, 1))
    assert SODIUM.crypto_aead_xchacha20poly1305_ietf_decrypt(
        text, None, None, box[24:], ctypes.c_ulonglong(n + 16), of,
        ctypes.c_ulonglong(len(of)), box[:24], key) == 0
    return text.raw[:n]


def answer(desk, args, *replies):
    """Run a command that asks for passphrases: its exit status and output."""
    p = Pty([program("fikr"), *args], desk.env)
    for text in replies:
        assert p.see(b": "), p.got
        p.quiet(0.1)
        p.send(text.encode() + b"\n")
    status = p.wait()
    assert p.changed() == "", p.changed()
    out = p.all.decode(errors="replace")
    p.close()
    for text in replies:
        assert not text or text not in out, "a passphrase was echoed"
    return status, out


@tap.needing(NEEDS_MODEL)
def a_locked_store_says_nothing_without_the_passphrase():
    with Desk() as desk:
        told(desk)
        desk.ok("search", SECRET)
        clear = open(desk.saved()[0], "rb").read()
        shown = desk.ok("show", the_id(desk))
        status, out = answer(desk, ["lock"], PASS, "another")
        assert status == 1 and "two different" in out, out
        assert SECRET in clear.decode() and desk.where(SECRET) != []
        status, out = answer(desk, ["lock"], PASS, PASS)
        assert status == 0 and "1 conversation is encrypted" in out, out
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert not glob.glob(desk.dir + "/cache/fikr/kv/*")
        assert b"1, encrypted" in desk.run("doctor")[1]
        # nor does anything else without it
        for args in (["list"], ["search", SECRET], ["show", the_id(desk)]):
            status, out, err = desk.run(*args, start_new_session=True)
            assert status == 1 and SECRET not in out.decode() + err, args
            assert "passphrase" in err, err
        status, out = answer(desk, ["list"], "wrong", "wrong again", "worse")
        assert status == 1 and SECRET not in out, out
        status, out = answer(desk, ["list"], "wrong", PASS)
        assert status == 0 and SECRET in out, out
        # with it all is as before
        desk.passphrase()
        assert desk.ok("show", the_id(desk)) == shown
        assert SECRET in desk.ok("search", SECRET)
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert "1 was already" in desk.ok("lock")
        desk.ok("unlock")
        assert open(desk.saved()[0], "rb").read() == clear
        del desk.env["FIKR_PASSPHRASE_FILE"]
        assert SECRET in desk.ok("list")


@tap.needing(NEEDS_MODEL)
def a_chat_in_a_locked_store_writes_nothing_in_the_clear():
    with Desk() as desk:
        desk.passphrase()
        desk.ok("lock")
        del desk.env["FIKR_PASSPHRASE_FILE"]
        with Chat(desk) as c:
            c.see("Passphrase")
            c.pty.quiet(0.1)
            c.pty.send(PASS.encode() + b"\n")
            c.start()
            c.ask("Please write a poem about %s." % SECRET)
            c.answered()
            c.quit()
        assert len(desk.saved()) == 1
        assert desk.where(SECRET) == [], desk.where(SECRET)
        assert not glob.glob(desk.dir + "/cache/fikr/kv/*")
        desk.passphrase()
        assert SECRET in desk.ok("show", the_id(desk))
        with Chat(desk, "--continue") as c:
            c.see(SECRET)
            c.start()
            c.quit()


@tap.needing(NEEDS_MODEL)
def without_a_passphrase_a_chat_is_temporary():
    with Desk() as desk:
        told(desk)
        desk.passphrase()
        desk.ok("lock")
        del desk.env["FIKR_PASSPHRASE_FILE"]
        with Chat(desk) as c:
            c.see("Passphrase")
            c.pty.quiet(0.1)
            c.pty.send(b"\n")
            c.see("Nothing of what is said here is saved")
            c.start()
            c.ask("Once more about %s." % SECRET)
            c.answered()
            c.quit()
        assert len(desk.saved()) == 1
        assert desk.where(SECRET) == [], desk.where(SECRET)
        with Chat(desk, "--temporary") as c:    # which does not even ask
            c.start()
            assert b"Passphrase" not in c.pty.all
            c.quit()


@tap.needing(NEEDS_MODEL)
def a_running_chat_is_not_locked_under_its_feet():
    with Desk() as desk:
        told(desk)
        with Chat(desk) as c:
            c.start()
            desk.passphrase()
            status, _, err = desk.run("lock")
            assert status == 1 and "another fikr is running" in err, err
            c.quit()
        desk.ok("lock")


@tap.case
def a_wrong_passphrase_is_not_a_damaged_key():
    with Desk() as desk:
        desk.passphrase()
        desk.ok("lock")
        desk.passphrase("wrong")
        status, _, err = desk.run("list")
        assert status == 1 and "not the passphrase" in err, err
        desk.passphrase()
        key = desk.path("conversations", "store.key")
        text = open(key).read()
        with open(key, "w") as f:
            f.write(re.sub("memory: .", "memory: 9", text))
        status, _, err = desk.run("list")
        assert status == 1 and "damaged" in err, err


@tap.needing(NEEDS_MODEL, NEEDS_SODIUM)
def the_format_is_as_it_is_written_down():
    """Catches a store that only this program can open: here it is done after
    docs/conversation-format.md, with libsodium alone."""
    with Desk() as desk:
        told(desk)
        clear = open(desk.saved()[0], "rb").read()
        desk.passphrase()
        desk.ok("lock")
        key = dict(re.findall(r"(?m)^(\w+): '?([^'\n]*)'?$", open(
            desk.path("conversations", "store.key")).read()))
        unlocked = ctypes.create_string_buffer(32)
        salt, check = base64.b64decode(key["salt"]), key["check"]
        wrapped = base64.b64decode(key["key"])
        assert SODIUM.crypto_pwhash(
            unlocked, ctypes.c_ulonglong(32), PASS.encode(),
            ctypes.c_ulonglong(len(PASS)), salt,
            ctypes.c_ulonglong(int(key["passes"])),
            ctypes.c_size_t(int(key["memory"])), 2) == 0
        master = open_box(unlocked.raw, wrapped, b"fikr store key 1")
        said = "1 %s %s" % (key["passes"], key["memory"])
        assert base64.b64encode(hashlib.blake2b(
            said.encode() + salt + wrapped, digest_size=16).digest()) == \
            check.encode()
        sealed = open(desk.saved()[0]).read()
        boxes = re.findall(r"(?m)^---\nevent: sealed\nbox: '(.*)'\n\.\.\.$",
                           sealed)
        id = the_id(desk).encode()
        opened = [open_box(master, base64.b64decode(b), id) for b in boxes]
        assert b"".join(opened) == clear
        assert sealed.startswith("---\nevent: conversation\nversion: 2\n")
        with open(desk.saved()[0], "a") as f:       # as it were again
            f.write("---\nevent: sealed\nbox: '%s'\n...\n" % boxes[-1])
        desk.ok("show", the_id(desk))


@tap.case
def the_passphrase_changes():
    with Desk() as desk:
        desk.passphrase()
        desk.ok("lock")
        del desk.env["FIKR_PASSPHRASE_FILE"]
        status, out = answer(desk, ["lock", "--change"], PASS, "newer",
                             "newer")
        assert status == 0, out
        status, out = answer(desk, ["list"], PASS, "newer")
        assert status == 0 and "not the passphrase" in out, out


@tap.case
def a_passphrase_comes_from_a_descriptor():
    with Desk() as desk:
        desk.passphrase()
        desk.ok("lock")
        r, w = os.pipe()
        os.write(w, PASS.encode() + b"\nand what is not fikr's\n")
        os.close(w)
        desk.env["FIKR_PASSPHRASE_FILE"] = "/dev/fd/%d" % r
        status, _, err = desk.run("list", pass_fds=[r])
        os.close(r)
        assert status == 0, err


@tap.needing(("bash is not installed", bool(shutil.which("bash"))))
def completing_does_not_ask():
    """Catches a Tab that waits for a passphrase."""
    with Desk() as desk:
        desk.passphrase()
        desk.ok("lock")
        del desk.env["FIKR_PASSPHRASE_FILE"]
        p = Pty(["bash", "--norc", "-c", "source %s/completions/fikr.bash; "
                 "_fikr %s '' show; echo after" % (SRC, program("fikr"))],
                desk.env)
        p.wait()
        assert b"after" in p.all and b"assphrase" not in p.all, p.all
        p.close()


@tap.case
def interrupting_the_question_gives_the_terminal_back():
    """Catches a terminal that does not echo any more."""
    for key, how in ((b"\x03", -signal.SIGINT), (None, -signal.SIGTERM)):
        with Desk() as desk:
            desk.passphrase()
            desk.ok("lock")
            del desk.env["FIKR_PASSPHRASE_FILE"]
            p = Pty([program("fikr"), "list"], desk.env)
            assert p.see(b"Passphrase"), p.got
            p.quiet(0.1)
            p.send(b"half")
            if key:
                p.send(key)
            else:
                p.proc.send_signal(signal.SIGTERM)
            assert p.wait() == how, p.proc.returncode
            assert p.changed() == "", p.changed()
            p.close()


sys.exit(tap.run())
