#!/usr/bin/env python3
"""`fikr replay` as a whole: as text, as an asciicast that a terminal (tmux) is
fed with, and on the screen.  The conversations are those of scripted chats
with the stand-in for the worker, whose clock stands where the script says."""
import fcntl
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "real"))
import tap
from tmux import Tmux

T = tap.Tap()
MODEL = "Fake-7B-Instruct.gguf"
CHAT = """wait loaded
type think 4 gate slow one
key enter
wait tokens 44
advance 12000
gate
wait answering
wait tokens 47
advance 5000
gate
wait idle
advance 600000
type wide, and محادثة
key enter
wait idle
"""
OTHER = """wait loaded
type a secret between us
key enter
wait idle
"""
W, H = 100, 30


class Desk(tap.Home):
    def __init__(self, *scripts):
        super().__init__()
        self.env.update(
            FIKR_WORKER=os.path.join(tap.SRC, "tests", "fake_worker.py"),
            FIKR_FAKE_GATE=os.path.join(self.dir, "gate"))
        self.ids = []
        for text in scripts:
            self.script("-m", MODEL, text=text)
            new = [n[:-5] for n in os.listdir(self.path("conversations"))
                   if n.endswith(".yaml") and n[:-5] not in self.ids]
            assert len(new) == 1, new
            self.ids += new
        # What follows needs no worker.
        self.env["FIKR_WORKER"] = "/nonexistent"

    def script(self, *args, text):
        """What a scripted screen prints."""
        code, out, err = self.run(*args, "--script",
                                  self.file("script", text))
        assert code == 0, (code, out.decode(), err)
        return out.decode()

    def file_of(self, id):
        return self.path("conversations", id + ".yaml")

    def cast(self, id, *args):
        """Header and events of an asciicast."""
        path = os.path.join(self.dir, "out.cast")
        code, _, err = self.run("replay", id, "--cast", path, "--size",
                                "%dx%d" % (W, H), "--theme", "dark", *args)
        assert code == 0, err
        lines = [json.loads(line) for line in open(path, encoding="utf-8")]
        return lines[0], lines[1:]


@T.case
def at_once_it_is_what_show_prints():
    """Would catch text that is lost or doubled on the way."""
    with Desk(CHAT) as d:
        code, out, err = d.run("replay", d.ids[0], "--speed", "0")
        assert (code, err) == (0, ""), (code, err)
        shown = d.run("show", d.ids[0])[1]
        assert out == shown, (out.decode(), shown.decode())


@T.case
def text_streams():
    """Would catch a replay that prints all of it, and then waits."""
    with Desk(CHAT) as d:
        p = d.start("replay", d.ids[0], "--speed", "10")
        first = os.read(p.stdout.fileno(), 100000)
        running = p.poll() is None
        rest, _ = p.communicate(timeout=tap.PATIENCE)
        assert first.startswith(b"# You") and b"wide, and" not in first, first
        assert running and p.returncode == 0
        assert first + rest == d.run("show", d.ids[0])[1]


@T.case
def a_reader_who_leaves_ends_it():
    with Desk(CHAT) as d:
        p = d.start("replay", d.ids[0], "--speed", "0", stdout=os.open(
            "/dev/full", os.O_WRONLY))
        _, err = p.communicate(timeout=tap.PATIENCE)
        assert p.returncode == 1 and b"No space" in err, err
        r, w = os.pipe()
        p = d.start("replay", d.ids[0], "--speed", "0", stdout=w)
        os.close(w)
        os.close(r)
        _, err = p.communicate(timeout=tap.PATIENCE)
        assert p.returncode in (0, 141) and err == b"", (p.returncode, err)


@T.case
def thoughts_are_printed_only_where_asked_for():
    with Desk(CHAT) as d:
        _, out, err = d.run("replay", d.ids[0], "--speed", "0",
                            "--thinking=stderr")
        assert b"Step 4" not in out and "Step 4" in err, (out, err)


@T.case
def it_begins_where_one_says():
    with Desk(CHAT) as d:
        _, out, _ = d.run("replay", d.ids[0], "--speed", "0", "--turn", "2")
        assert out.startswith(b"# You\n\nwide"), out
        assert b"gate slow" not in out, out
        _, out, _ = d.run("replay", d.ids[0], "--speed", "0", "--from",
                          "answer")
        assert out.startswith(b"# Answer\n\nYou said"), out


@T.case
def wrong_usage_is_said():
    with Desk(CHAT) as d:
        id = d.ids[0]
        for args, status, words in (
                (["replay"], 2, "replay"),
                (["replay", id, "--speed", "fast"], 2, "--speed"),
                (["replay", id, "--size", "3x"], 2, "--size"),
                (["ask", "--cast", "x", "y"], 2, "cast"),
                (["replay", id, "--from", "nowhere"], 1, "nowhere"),
                (["replay", id, "--turn", "3"], 1, "no message 3"),
                (["replay", "no-such-id"], 1, "no-such-id"),
                (["replay", id, "--cast", "/nonexistent/x"], 1,
                 "/nonexistent/x")):
            code, out, err = d.run(*args)
            assert code == status and words in err and out == b"", \
                (args, code, out, err)


@T.case
def what_another_fikr_has_open_is_played_and_nothing_is_written():
    """Would catch a replay that locks, repairs or marks the file."""
    with Desk(CHAT) as d:
        path = d.file_of(d.ids[0])
        before, stat = open(path, "rb").read(), os.stat(path)
        names = sorted(os.listdir(d.path("conversations")))
        with open(path, "rb") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            code, out, _ = d.run("replay", d.ids[0], "--speed", "0")
            d.cast(d.ids[0])
        assert code == 0 and b"gate slow" in out, (code, out)
        assert open(path, "rb").read() == before
        assert os.stat(path).st_mtime_ns == stat.st_mtime_ns
        assert sorted(os.listdir(d.path("conversations"))) == names


@T.case
def an_asciicast_is_one():
    """Would catch what players refuse: a header without what it must have,
    times that go back, more frames than anybody sees."""
    with Desk(CHAT) as d:
        head, events = d.cast(d.ids[0])
        assert (head["version"], head["width"], head["height"]) == (2, W, H)
        assert head["title"].startswith("think 4"), head
        assert head["timestamp"] == 1700000000, head
        assert head["theme"]["bg"].startswith("#"), head
        assert len(head["theme"]["palette"].split(":")) == 16, head
        last = -1
        for at, kind, text in events:
            assert kind == "o" and isinstance(text, str)
            assert at >= last + 0.033 or last < 0, (last, at)
            last = at
        # 0.8 s of typing, 17 s, a pause of 2 s for 10 minutes, 2 s of rest
        assert 21 < last < 23, last
        assert len(events) > 30, len(events)
        _, whole = d.cast(d.ids[0], "--gaps")
        assert 597 < whole[-1][0] - last < 599, whole[-1][0]
        _, fast = d.cast(d.ids[0], "--speed", "4")
        assert 6 < fast[-1][0] < 8, fast[-1][0]


@T.case
def an_asciicast_tells_nothing_of_other_conversations():
    with Desk(CHAT, OTHER) as d:
        _, events = d.cast(d.ids[0])
        assert "secret" not in "".join(e[2] for e in events)


def rows(screen):
    """Without the line above the prompt, which is the player's on a screen:
    prompt and status are the last two."""
    lines = [line.rstrip() for line in screen.split("\n")]
    lines += [""] * (H - len(lines))
    return lines[:H - 3] + lines[H - 2:H]


def frame(d, at):
    """The app's own frame at a moment, ms."""
    steps = "".join("advance %d\n" % min(2000, at - t)
                    for t in range(0, at, 2000))
    out = d.script("replay", d.ids[0], text="size %d %d\nkey f2\n%sscreen\n" %
                   (W, H, steps))
    return rows(out[out.rindex("===="):].split("\n", 1)[1])


def played(d, events, until):
    """What a terminal shows that was sent the events up to a moment, s."""
    path = os.path.join(d.dir, "bytes")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(e[2] for e in events if e[0] <= until))
    t = Tmux(d, "stty raw -echo; cat %s; printf '\\033]2;done\\007'; sleep 60"
             % path, W, H)
    try:
        end = time.time() + 20
        while time.time() < end and "done" not in t.tmux(
                "display", "-p", "#{pane_title}"):
            time.sleep(0.05)
        return rows(t.screen())
    finally:
        t.tmux("kill-server", check=False)


@T.needing(tap.NEEDS_TMUX)
def a_cast_gives_the_same_screen_as_the_app():
    """Would catch a recording that shows another thing than the chat did: in
    the middle of a thought, of the answer, and at the end."""
    with Desk(CHAT) as d:
        _, events = d.cast(d.ids[0])
        for moment in (0.3, 1.5, 9, 13.5, 19.5, events[-1][0]):
            at = max(e[0] for e in events if e[0] <= moment)
            want, got = frame(d, round(at * 1000)), played(d, events, at)
            for y, (a, b) in enumerate(zip(want, got)):
                assert a == b, "%g s, row %d:\n%s\n%s" % (at, y, a, b)


@T.needing(tap.NEEDS_TMUX)
def on_the_screen_without_a_model_and_back():
    """Would catch a replay that wants a model or a worker."""
    with Desk(CHAT) as d:
        d.env["BUILD"] = tap.BUILD
        t = Tmux(d, '"$BUILD"/fikr replay %s --speed 64' % d.ids[0])
        try:
            t.see("the end", 30)
            t.keys("q")
            assert t.wait_exit() == 0
        finally:
            t.tmux("kill-server", check=False)


sys.exit(T.run())
