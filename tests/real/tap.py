"""What the tests of the real programs share: TAP lines, a tmux to type into,
a home of their own."""
import os, shutil, subprocess, sys, tempfile, time

BUILD = os.path.abspath(os.environ.get("BUILDDIR", "."))
SRC = os.path.abspath(os.environ.get("srcdir", "."))
MODEL = os.environ.get("FIKR_TEST_MODEL") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"),
    "fikr/models/SmolLM2-135M-Instruct.Q4_1.gguf")


def program(name):
    return os.path.join(BUILD, name)


class Tap:
    """Runs functions as cases; a case fails by raising."""

    def __init__(self):
        self.cases = []

    def case(self, fn):
        self.cases.append(fn)
        return fn

    def run(self, needs=()):
        for why, there in needs:
            if not there:
                print("1..0 # SKIP", why)
                return 0
        print("1..%d" % len(self.cases), flush=True)
        bad = 0
        for i, fn in enumerate(self.cases, 1):
            try:
                fn()
                print("ok %d - %s" % (i, fn.__name__), flush=True)
            except Exception as e:
                bad += 1
                print("not ok %d - %s" % (i, fn.__name__))
                for line in (type(e).__name__ + ": " + str(e)).split("\n"):
                    print("#", line, flush=True)
        return bool(bad)


NEEDS_MODEL = ("the default model is not at " + MODEL + " (FIKR_TEST_MODEL)",
               os.path.exists(MODEL))
NEEDS_TMUX = ("tmux is not installed", bool(shutil.which("tmux")))


class Home:
    """A home that holds nothing but a link to the default model."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="fikr-home-")
        self.data = os.path.join(self.dir, "data")
        os.makedirs(os.path.join(self.data, "fikr/models"))
        if os.path.exists(MODEL):
            os.symlink(MODEL, os.path.join(self.data, "fikr/models",
                                           "SmolLM2-135M-Instruct.Q4_1.gguf"))
        self.env = dict(os.environ, HOME=self.dir, XDG_DATA_HOME=self.data,
                        XDG_CONFIG_HOME=os.path.join(self.dir, "config"),
                        XDG_STATE_HOME=os.path.join(self.dir, "state"),
                        FIKR_WORKER=program("fikr-worker"),
                        LC_ALL="C.UTF-8", TERM="xterm-256color")
        for k in ("NO_COLOR", "TMUX", "FIKR_CPU", "INPUTRC"):
            self.env.pop(k, None)

    def run(self, *args, stdin=b"", **kw):
        return subprocess.run([program("fikr"), *args], input=stdin,
                              capture_output=True, env=self.env, timeout=300,
                              **kw)

    def path(self, *p):
        return os.path.join(self.data, "fikr", *p)

    def done(self):
        shutil.rmtree(self.dir, ignore_errors=True)


class Tmux:
    """One terminal of a given size running one command."""

    def __init__(self, home, command, width=80, height=24):
        self.sock = os.path.join(home.dir, "tmux")
        self.home = home
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width),
                  "-y", str(height), command)
        self.tmux("set", "-g", "remain-on-exit", "on", check=False)

    def tmux(self, *args, check=True):
        r = subprocess.run(["tmux", "-S", self.sock, *args],
                           capture_output=True, env=self.home.env)
        if check and r.returncode:
            raise RuntimeError("tmux %s: %s" % (args, r.stderr.decode()))
        return r.stdout.decode(errors="replace")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def screen(self):
        return self.tmux("capture-pane", "-p", check=False)

    def wait(self, test, what, seconds=120):
        """Until test(screen) is true; the screen."""
        end = time.time() + seconds
        while time.time() < end:
            s = self.screen()
            if test(s):
                return s
            time.sleep(0.1)
        raise AssertionError("never saw %s; the screen was:\n%s" % (what, s))

    def see(self, text, seconds=120):
        return self.wait(lambda s: text in s, repr(text), seconds)

    def resize(self, w, h):
        self.tmux("resize-window", "-x", str(w), "-y", str(h))

    def status(self):
        """The exit status of the command, or None while it runs."""
        r = self.tmux("list-panes", "-F", "#{pane_dead} #{pane_dead_status}",
                      check=False).split()
        return int(r[1]) if r[:1] == ["1"] and len(r) > 1 else None

    def wait_exit(self, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            s = self.status()
            if s is not None:
                return s
            time.sleep(0.05)
        raise AssertionError("did not end; the screen was:\n" + self.screen())

    def done(self):
        self.tmux("kill-server", check=False)
