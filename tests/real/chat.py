#!/usr/bin/env python3
"""The real line: a terminal, the real fikr, the real worker, the real model.
Would catch whatever only shows when the parts meet."""
import glob, os, re, signal, subprocess, time
from tap import *
from tmux import Tmux

tap = Tap()
FIKR = program("fikr")
THOUGHT = r"Thought (\(guided\) )?(for|briefly)"  # a finished block's head


def children(pid):
    r = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True)
    return [int(x) for x in r.stdout.split()]


class Chat:
    def __init__(self, *args, width=80, height=24, home=None):
        self.own = home is None
        self.home = home or Home(model=True)
        cmd = " ".join([FIKR, "--seed", "7", "-n", "200", *args])
        self.t = Tmux(self.home, "exec " + cmd, width, height)

    def __enter__(self):
        self.t.see("ready")
        return self

    def __exit__(self, *a):
        self.t.done()
        if self.own:
            self.home.done()

    def pid(self):
        return int(self.t.tmux("list-panes", "-F", "#{pane_pid}"))

    def ask(self, text):
        self.t.type(text)
        self.t.keys("Enter")

    def finished(self):
        return self.t.wait(lambda s: re.search(THOUGHT, s) and "ready" in s,
                           "a finished turn")


@tap.case
def a_turn_then_fold_then_quit_then_found_again():
    home = Home(model=True)
    try:
        with Chat(home=home, height=40) as c:
            c.ask("What is the capital of France?")
            c.t.wait(lambda s: "Thinking" in s or "Thought" in s,
                     "a thought streaming")
            full = c.finished()
            assert "Paris" in full, full
            n = len(full.split())
            c.t.keys("C-t")
            c.t.keys("C-t")
            hidden = c.t.wait(lambda s: len(s.split()) < n, "less thinking")
            assert "Paris" in hidden, hidden
            c.t.keys("C-d")
            assert c.t.wait_exit() == 0
        files = glob.glob(home.path("conversations", "*.yaml"))
        assert len(files) == 1, files
        assert os.stat(files[0]).st_mode & 0o777 == 0o600
        status, out, _ = home.run("list")
        assert status == 0
        line = out.decode()
        assert line.split()[0] == os.path.basename(files[0])[:-5], line
        assert "capital of France" in line, line
        with Chat("--continue", home=home, height=100) as c:
            s = c.t.see("Paris")
            assert "What is the capital of France?" in s, s
            c.ask("And of Italy?")
            c.t.wait(lambda s: len(re.findall(THOUGHT, s)) == 2 and "ready" in s,
                     "a second turn")
    finally:
        home.done()


@tap.case
def escape_stops_and_keeps_the_half():
    with Chat("-n", "2000", "--think", "off") as c:
        c.ask("Write a very long story about a lighthouse.")
        c.t.wait(lambda s: "answering" in s, "an answer streaming")
        time.sleep(0.5)
        c.t.keys("Escape")
        s = c.t.see("ready")
        assert "stopped" in s, s
        c.t.keys("C-d")
        assert c.t.wait_exit() == 0
        f = glob.glob(c.home.path("conversations", "*.yaml"))[0]
        assert "cancel" in open(f).read()


@tap.case
def a_killed_worker_costs_nothing():
    with Chat("-n", "2000", "--think", "off") as c:
        c.ask("Write a very long story about a lighthouse.")
        c.t.wait(lambda s: "answering" in s, "an answer streaming")
        worker = children(c.pid())
        assert len(worker) == 1, worker
        time.sleep(0.5)
        os.kill(worker[0], signal.SIGKILL)
        c.t.wait(lambda s: "signal 9" in s or "worker" in s, "the news")
        c.ask("What is the capital of France?")
        c.t.see("Paris")
        assert children(c.pid()) != worker


@tap.case
def resizing_down_to_20x6_and_back_while_streaming():
    with Chat("-n", "300", "--think", "off") as c:
        c.ask("Write a very long story about a lighthouse.")
        c.t.wait(lambda s: "answering" in s, "an answer streaming")
        for w, h in ((20, 6), (200, 60), (40, 10), (20, 6), (80, 24)):
            c.t.resize(w, h)
            time.sleep(0.15)
        c.t.see("ready")
        assert c.t.status() is None


@tap.case
def what_a_chat_can_do_without():
    # Neither a mistake in a theme nor a folder that cannot be written is a
    # reason not to chat; both are told.
    home = Home(model=True)
    try:
        theme = os.path.join(home.dir, "mine.yaml")
        with open(theme, "w") as f:
            f.write('styles:\n  text: {fg: "#zzz"}\n')
        home.env["XDG_STATE_HOME"] = "/dev/null/state"
        with Chat("--theme", theme, "--think", "off", home=home) as c:
            c.t.see("is no colour")
            c.t.see("remembered.")
            c.ask("What is the capital of France?")
            c.t.see("Paris")
    finally:
        home.done()


@tap.case
def no_terminal_no_screen():
    home = Home(model=True)
    try:
        status, out, err = home.run()
        assert status == 2 and not out, (status, out)
        assert "\x1b" not in err
    finally:
        home.done()


@tap.case
def the_terminal_is_given_back():
    # The shell under fikr must find the modes as they were, also after TERM.
    home = Home(model=True)
    try:
        t = Tmux(home, "stty -a >%s/before; %s; stty -a >%s/after; "
                 "echo over; sleep 60" % (home.dir, FIKR, home.dir))
        t.see("ready")
        fikr = children(int(t.tmux("list-panes", "-F", "#{pane_pid}")))
        os.kill(fikr[0], signal.SIGTERM)
        t.see("over")
        before, after = (open(os.path.join(home.dir, n)).read()
                         for n in ("before", "after"))
        assert before == after, after
        assert not children(fikr[0])
        t.done()
    finally:
        home.done()


@tap.case
def line_by_line():
    home = Home(model=True)
    try:
        t = Tmux(home, "TERM=dumb exec %s --plain --seed 7 -n 200" % FIKR, 80,
                 60)
        t.see("The model is ready.")
        t.type("What is the capital of France?")
        t.keys("Enter")
        s = t.wait(lambda s: re.search(r"Answer:\n(.*\n)+You:", s),
                   "an answer and a prompt")
        assert "Paris" in s and "Thinking:" in s, s
        assert re.search(THOUGHT + r".*, \d+ tokens\.", s), s
        t.keys("C-d")
        assert t.wait_exit() == 0
        t.done()
    finally:
        home.done()


raise SystemExit(tap.run([NEEDS_MODEL, NEEDS_TMUX]))
