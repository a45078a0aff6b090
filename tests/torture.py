#!/usr/bin/env python3
"""Power is lost, and disks fill up, at every moment of a session: what was
promised by then must be there.  tests/faults.c writes down what is done to the
files and makes calls fail; tests/torture.c makes what a loss of power leaves,
opens it and compares.

FIKR_TORTURE is how many states a loss of power leaves are tried (all different
ones; ./run torture tries many), FIKR_TORTURE_SEED which ones.  TAP."""

import os
import subprocess
import sys
import tempfile

from tap import PATIENCE, SRC, Home, Tap, program

tap = Tap()
COUNT = int(os.environ.get("FIKR_TORTURE", 2500))
SEED = int(os.environ.get("FIKR_TORTURE_SEED", 1))
LONG = COUNT >= 10000
tried = 0


class Recorded:
    """A folder, and what is done to the files in it."""

    def __init__(self):
        self.top = tempfile.mkdtemp(
            prefix="fikr-torture-",
            dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
        self.root = os.path.join(self.top, "root")
        self.log = os.path.join(self.top, "log")
        self.store = os.path.join(self.root, "data", "conversations")
        self.env = dict(os.environ)
        os.mkdir(self.root)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            subprocess.run(["rm", "-rf", self.top], check=True)

    def faults(self, **more):
        """The environment of what is recorded."""
        env = dict(self.env, LD_PRELOAD=program("tests/faults.so"),
                   FAULTS_DIR=self.root, FAULTS_LOG=self.log,
                   FAULTS_COUNT=os.path.join(self.top, "counts"),
                   # preloading is all that a sanitizer minds here
                   ASAN_OPTIONS="verify_asan_link_order=0")
        env.update(more)
        return env

    def counts(self):
        with open(os.path.join(self.top, "counts")) as f:
            return {k: int(n) for k, n in map(str.split, f)}

    def session(self, seed, rounds, **more):
        p = subprocess.run(
            [program("tests/torture"), "session", self.store, str(seed),
             str(rounds)], env=self.faults(**more), capture_output=True,
            timeout=PATIENCE)
        assert p.returncode == 0, p.stdout.decode() + p.stderr.decode()

    def replay(self, seed, count, *expected):
        """How many states were tried."""
        p = subprocess.run(
            [program("tests/torture"), "replay", self.log, self.root,
             str(seed), str(count), *expected], env=self.env,
            capture_output=True, timeout=10 * PATIENCE)
        out = p.stdout.decode("utf-8", "replace")
        assert p.returncode == 0, (
            "seed %d, the log is %s\n" % (seed, self.log) + out +
            p.stderr.decode())
        return int(out.split()[0])


def power_is_lost(count, sealed=False):
    """At least count different states, over as many sessions as it takes."""
    global tried
    done, seed = 0, SEED
    while done < count:
        with Recorded() as r:
            if sealed:
                r.env["TORTURE_KEY"] = r.store
            r.session(seed, 400)
            done += r.replay(seed, min(count - done, 4000))
        seed += 1
    tried += done
    print("# %d states, %d sessions from seed %d" %
          (done, seed - SEED, SEED), flush=True)


@tap.case
def power_is_lost_anywhere_in_a_session():
    """A prompt or a finished answer that is not there, or not whole; more than
    a second of an answer; a word that nobody said; a file that cannot be
    opened or gone on with."""
    power_is_lost(COUNT)


@tap.case
def power_is_lost_anywhere_in_an_encrypted_session():
    """The same of a store whose documents are boxes, and a lost key."""
    power_is_lost(COUNT // 4, sealed=True)


# ---- what the disk refuses ----

KINDS = {"write": "28", "sync": "5", "create": "28"}  # ENOSPC, EIO


def refusals(n, most):
    """Which of n calls is the first to fail; all, or most of them."""
    return range(1, n + 1, max(1, n // most)) if not LONG else range(1, n + 1)


def refused_once_or_for_good(kind):
    with Recorded() as r:
        r.session(SEED, 150)
        n = r.counts()[kind]
    runs = 0
    for first in refusals(n, 12):
        for more, short in ((0, {}), (6, {"FAULTS_SHORT": "1"}), (-1, {})):
            with Recorded() as r:
                r.session(SEED, 150, FAULTS_FAIL="%s %d %s %d" %
                          (kind, first, KINDS[kind], more), **short)
                r.replay(SEED, 0)
            runs += 1
    print("# %d sessions, of %d calls" % (runs, n), flush=True)


for _kind in KINDS:
    def refused(kind=_kind):
        """A document that is torn for good, or out of order; what was said
        while there was no room and is not there afterwards."""
        refused_once_or_for_good(kind)

    tap.add("any %s fails, once or for good" % _kind, refused)


# ---- the whole program ----

def chat():
    """Keys for a screen, and what it promises: (role, needle, text)."""
    lines, expected = [], []
    for i in range(1, 9):
        words = {2: "think 3 ", 4: "long 12 ", 6: "think 2 gate slow "}
        text = "%sq%d end%d" % (words.get(i, "say "), i, i)
        lines += ["type " + text, "key enter"]
        if i == 4:
            answer = "\\n".join("%d. Item number %d of the long answer." %
                                (k, k) for k in range(1, 13))
            needle = "12. Item number 12"
        else:
            answer = needle = "You said: " + text
        if i == 6:
            lines += ["screen", "wait tokens 5", "advance 300", "advance 900",
                      "screen", "gate", "wait answering", "advance 700",
                      "screen", "gate"]
        lines += ["wait idle", "advance 250", "screen"]
        expected += [("user", text, text), ("assistant", needle, answer)]
        if i == 3:
            lines += ["type /rename Another title", "key enter", "key alt+n"]
        if i == 5:
            lines += ["key alt+r", "wait idle", "screen", "restart"]
        if i == 7:
            lines += ["type /undo", "key enter", "type y", "screen"]
    return "\n".join(lines) + "\n", expected


def fake(home):
    home.env["FIKR_WORKER"] = os.path.join(SRC, "tests", "fake_worker.py")
    home.env["FIKR_FAKE_GATE"] = os.path.join(home.dir, "gate")


def run_screen(r, home, script, **more):
    """fikr, headless, with r watching its data."""
    home.env["XDG_DATA_HOME"] = os.path.join(r.root, "data")
    path = home.file("script", script)
    r.env = dict(home.env)
    p = subprocess.run([program("fikr"), "--script", path],
                       env=r.faults(FAULTS_PROGRAM="fikr", **more),
                       capture_output=True, timeout=PATIENCE)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


@tap.case
def power_is_lost_while_the_screen_is_used():
    """What the screen has shown as sent or finished, and a loss of power then
    takes away."""
    global tried
    script, expected = chat()
    with Recorded() as r, Home() as home:
        fake(home)
        status, out, err = run_screen(r, home, script)
        assert status == 0, err + out
        path = home.file("expected", "".join(
            "%s\t%s\t%s\n" % e for e in expected))
        n = r.replay(SEED, COUNT // 2, path)
    tried += n
    print("# %d states" % n, flush=True)


def short_chat(home):
    """Two conversations, and time for what was refused to be tried again."""
    words = ["say one", "long 6 two", "say three", "think 2 four"]
    lines, expected = [], []
    for i, text in enumerate(words):
        lines += ["type " + text, "key enter", "wait idle", "advance 2500",
                  "advance 2500", "screen"]
        if i == 1:
            lines += ["key alt+n"]
        answer = "You said: " + text if i != 1 else "\\n".join(
            "%d. Item number %d of the long answer." % (k, k)
            for k in range(1, 7))
        expected += [("user", text, text),
                     ("assistant", text, answer)]
    lines += ["advance 2500", "advance 2500", "screen"]
    return "\n".join(lines) + "\n", home.file(
        "expected", "".join("%s\t%s\t%s\n" % e for e in expected))


def screen_refused(kind):
    with Recorded() as r, Home() as home:
        fake(home)
        script, _ = short_chat(home)
        status, out, err = run_screen(r, home, script)
        assert status == 0, err + out
        n = r.counts()[kind]
    runs = 0
    for first in refusals(n, 5):
        for more in (2, -1):
            with Recorded() as r, Home() as home:
                fake(home)
                script, expected = short_chat(home)
                status, out, err = run_screen(
                    r, home, script, FAULTS_FAIL="%s %d %s %d" %
                    (kind, first, KINDS[kind], more))
                assert status == 0, err + out
                assert "You said: think 2 four" in out, out
                if more < 0:
                    assert "Not saved" in out, out
                else:
                    r.replay(SEED, 0, expected)
            runs += 1
    print("# %d runs, of %d calls" % (runs, n), flush=True)


for _kind in KINDS:
    def refused_on_screen(kind=_kind):
        """A chat that stops, or says nothing, when the disk is full; what was
        said meanwhile and is not saved once there is room."""
        screen_refused(kind)

    tap.add("any %s of the screen's fails, for a while or for good" % _kind,
            refused_on_screen)


@tap.case
def count():
    """Fewer states than were asked for."""
    print("# %d cut points, each another state of the disk" % tried,
          flush=True)
    assert tried >= COUNT


if __name__ == "__main__":
    sys.exit(tap.run([("no LD_PRELOAD here", sys.platform == "linux")]))
