"""What the tests of whole programs share: TAP, where things are, and a home of
their own.  `make check` sets the variables; by hand, run a test in the build
folder."""

import os
import shutil
import signal
import subprocess
import tempfile

# A shell's background job is born deaf to these, and so would its children be.
for _deaf in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_deaf) == signal.SIG_IGN:
        signal.signal(_deaf, signal.SIG_DFL)

BUILD = os.path.abspath(os.environ.get("BUILDDIR", "."))
SRC = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DEFAULT_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL = os.environ.get("FIKR_TEST_MODEL") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"),
    "fikr", "models", DEFAULT_MODEL)
PATIENCE = 120          # seconds until a silent program counts as hung


def program(name):
    return os.path.join(BUILD, name)


NEEDS_MODEL = ("no model at %s: set FIKR_TEST_MODEL" % MODEL,
               os.path.exists(MODEL))
NEEDS_TMUX = ("tmux is not installed", bool(shutil.which("tmux")))


class Tap:
    """Runs functions as cases, each of which fails by raising.  What a case
    needs is a pair: why it is skipped without it, and whether it is there."""

    def __init__(self):
        self.cases = []

    def case(self, fn, needs=()):
        self.cases.append((fn.__name__.replace("_", " "), fn, needs))
        return fn

    def needing(self, *needs):
        return lambda fn: self.case(fn, needs)

    def add(self, name, fn):
        self.cases.append((name, fn, ()))

    @staticmethod
    def missing(needs):
        return next((why for why, there in needs if not there), None)

    @staticmethod
    def passes(number, name, fn):
        try:
            fn()
        except Exception as e:          # one failure must not hide the rest
            print("not ok %d - %s" % (number, name))
            for line in ("%s: %s" % (type(e).__name__, e)).splitlines():
                print("#", line, flush=True)
            return False
        print("ok %d - %s" % (number, name), flush=True)
        return True

    def run(self, needs=()):
        """All cases; the exit status."""
        why = self.missing(needs)
        if why:
            print("1..0 # SKIP", why)
            return 0
        print("1..%d" % len(self.cases), flush=True)
        bad = 0
        for number, (name, fn, wants) in enumerate(self.cases, 1):
            why = self.missing(wants)
            if why:
                print("ok %d - %s # SKIP %s" % (number, name, why), flush=True)
            elif not self.passes(number, name, fn):
                bad += 1
        return 1 if bad else 0


class Home:
    """A home that holds nothing but a link to the default model, and that on
    request only.  Nothing run in it sees the real one."""

    def __init__(self, model=False):
        self.dir = tempfile.mkdtemp(prefix="fikr-home-")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("XDG_") and
                    k not in ("NO_COLOR", "TMUX", "FIKR_CPU", "COLORTERM")}
        self.env.update(HOME=self.dir, LC_ALL="C.UTF-8", LANGUAGE="", TZ="UTC",
                        TERM="xterm-256color", INPUTRC="/dev/null",
                        FIKR_WORKER=program("fikr-worker"))
        for kind in ("data", "config", "state", "cache"):
            self.env["XDG_%s_HOME" % kind.upper()] = \
                os.path.join(self.dir, kind)
        if model and os.path.exists(MODEL):
            os.makedirs(self.path("models"))
            os.symlink(MODEL, self.path("models", DEFAULT_MODEL))

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.done()

    def path(self, *parts):
        """Of fikr's data."""
        return os.path.join(self.dir, "data", "fikr", *parts)

    def file(self, name, text="", mode=0o600):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def worker(self, text):
        """Take a script for the worker."""
        self.env["FIKR_WORKER"] = self.file("worker", text, 0o700)

    def start(self, *args, **more):
        """The running program, as subprocess.Popen."""
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE, "env": self.env, **more}
        return subprocess.Popen([program("fikr"), *args], **more)

    def run(self, *args, input=b"", **more):
        """Exit status, standard output, standard error as text."""
        p = self.start(*args, stdin=subprocess.PIPE, **more)
        try:
            out, err = p.communicate(input, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise
        return p.returncode, out, (err or b"").decode("utf-8", "replace")

    def done(self):
        shutil.rmtree(self.dir, ignore_errors=True)
