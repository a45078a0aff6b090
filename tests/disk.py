#!/usr/bin/env python3
"""The real program on disks that are full, read-only or limited, and with a
second one beside it: the chat goes on, says what is not saved, and saves it
once it can.  TAP."""

import os
import resource
import subprocess
import sys
import time

from tap import PATIENCE, SRC, Home, Tap, program

tap = Tap()


def mount(*args):
    return subprocess.run(["mount", *args], capture_output=True).returncode


class Small:
    """A file system of its own for fikr's data, if we may."""

    def __init__(self, home, size):
        self.dir = home.env["XDG_DATA_HOME"]
        os.makedirs(self.dir, exist_ok=True)
        self.ok = mount("-t", "tmpfs", "-o", "size=" + size, "tmpfs",
                        self.dir) == 0

    def __enter__(self):
        return self

    def remount(self, options):
        assert mount("-o", "remount," + options, self.dir) == 0

    def __exit__(self, *exc):
        if self.ok:
            subprocess.run(["umount", "-l", self.dir], check=True)


def may_mount():
    with Home() as home, Small(home, "64k") as small:
        return small.ok


NEEDS_MOUNT = ("mounting is not allowed here", may_mount())


def lines(*words):
    return "".join(w + "\n" for w in words)


class Screen:
    """fikr, headless, with the scripted worker."""

    def __init__(self, home, script, *args, **more):
        self.home = home
        home.env["FIKR_WORKER"] = os.path.join(SRC, "tests", "fake_worker.py")
        home.env["FIKR_FAKE_GATE"] = os.path.join(home.dir, "gate")
        path = home.file("script", script)
        self.p = subprocess.Popen(
            [program("fikr"), *args, "--script", path], env=home.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.out = ""

    def until(self, text):
        """Read what it prints up to a text."""
        end = time.monotonic() + PATIENCE
        while text not in self.out:
            assert time.monotonic() < end, "never saw %r in\n%s" % (
                text, self.out)
            part = os.read(self.p.stdout.fileno(), 65536)
            assert part, "no %r in\n%s" % (text, self.out)
            self.out += part.decode("utf-8", "replace")
        return self.out

    def open_gate(self):
        with open(self.home.env["FIKR_FAKE_GATE"], "w"):
            pass

    def rest(self):
        out, err = self.p.communicate(timeout=PATIENCE)
        self.out += out.decode("utf-8", "replace")
        assert self.p.returncode == 0, self.out + err.decode()
        return self.out


def unwrapped(screen):
    return " ".join(screen.replace("│", " ").split())


def shown(home):
    """Everything that is saved, as fikr prints it."""
    status, out, err = home.run("list")
    assert status == 0, err
    text = ""
    for line in out.decode().splitlines():
        status, out, err = home.run("show", line.split()[0])
        assert status == 0, err
        text += out.decode()
    return text


@tap.needing(NEEDS_MOUNT)
def a_disk_that_fills_up_and_gets_room():
    """What was said while the disk was full and is not there afterwards."""
    with Home() as home, Small(home, "12k") as small:
        s = Screen(home, lines(
            "size 100 60", "type say one", "key enter", "wait idle",
            "type long 300 two", "key enter", "wait idle", "type say three",
            "key enter", "wait idle", "screen",
            "type gate four", "key enter", "wait idle", "advance 2500",
            "advance 2500", "screen"))
        s.until("You said: say three")
        assert "No space left on device" in unwrapped(s.out), s.out
        small.remount("size=4m")
        s.open_gate()
        out = unwrapped(s.rest())
        assert "All of it is saved now" in out, s.out
        text = shown(home)
        for part in ("say one", "300. Item number 300", "You said: say three",
                     "You said: gate four"):
            assert part in text, "%r is lost in\n%s" % (part, text)


@tap.needing(NEEDS_MOUNT)
def a_home_that_may_only_be_read():
    """A chat that does not start, or does not say that nothing is saved."""
    with Home() as home, Small(home, "64k") as small:
        small.remount("ro")
        s = Screen(home, lines(
            "size 100 40", "type say one", "key enter", "wait idle",
            "screen", "type say two", "key enter", "wait idle", "screen"))
        out = unwrapped(s.rest())
        assert "Not saved" in out and "Read-only file system" in out, s.out
        assert "You said: say two" in out, s.out
        assert "is not saved" in out.split("====")[-1], s.out


@tap.needing(NEEDS_MOUNT)
def a_conversation_that_may_only_be_read():
    """A conversation on a file system that became read-only: it is shown, and
    nothing is said into it that is not saved."""
    with Home() as home, Small(home, "64k") as small:
        Screen(home, lines("type say one", "key enter", "wait idle")).rest()
        small.remount("ro")
        s = Screen(home, lines("size 100 40", "screen"), "--continue")
        out = unwrapped(s.rest())
        assert "You said: say one" in out, s.out
        assert "opened for reading only" in out, s.out


@tap.case
def a_limit_on_the_size_of_files():
    """SIGXFSZ, which kills whoever does not ignore it."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE,
                           (30000, resource.RLIM_INFINITY))

    with Home() as home:
        s = Screen(home, lines(
            "size 100 60", "type long 900", "key enter", "wait idle",
            "screen"), preexec_fn=limit)
        out = unwrapped(s.rest())
        assert "900. Item number 900" in out, s.out
        assert "File too large" in out, s.out
        assert "Item number 1 of" in shown(home)


@tap.case
def two_programs_on_one_conversation():
    """Two that write into one file, or a second one that cannot show it."""
    with Home() as home:
        first = Screen(home, lines(
            "type say one", "key enter", "wait idle", "screen",
            "type gate two", "key enter", "wait idle", "screen"))
        first.until("You said: say one")
        second = Screen(home, lines(
            "size 100 40", "screen", "type say three", "key enter",
            "screen"), "--continue")
        out = unwrapped(second.rest())
        assert "You said: say one" in out, second.out
        assert "is open in another fikr: opened for reading only" in out, \
            second.out
        assert "› say three" in out, second.out     # still the person's
        first.open_gate()
        first.rest()
        text = shown(home)
        assert "You said: gate two" in text and "three" not in text, text


if __name__ == "__main__":
    sys.exit(tap.run())
