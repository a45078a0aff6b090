#!/usr/bin/env python3
"""Run the real `fikr ask` (and list, show) in pipes.  Output is TAP.

FIKR: the program.  FIKR_WORKER: its worker.  FIKR_TEST_MODEL: a chat model in
GGUF; without it only what needs no model is tested, and that is said.
"""

import os
import pty
import signal
import subprocess
import sys
import tempfile

FIKR = os.environ.get("FIKR", "./fikr")
MODEL = os.environ.get("FIKR_TEST_MODEL", "")
PATIENCE = 120          # seconds until a silent program counts as hung

# A worker that answers anything with text full of controls.
EVIL = r"""#!/bin/sh
echo '{"type":"hello","version":1,"program":"evil"}'
read a; read b
echo '{"type":"loaded","name":"x","arch":"x","format":"x","context":1,"bytes":1,"digest":"x","thinker":"none","cpu":"x"}'
read c
cat <<'END'
{"type":"delta","id":1,"channel":"thinking","text":"hm \u001b[2J"}
{"type":"delta","id":1,"channel":"answer","text":"\n\na\u001b]0;x\u0007b\u009bc\r\n"}
{"type":"done","id":1,"reason":"stop","prompt_tokens":1,"cached_tokens":0,"thinking_tokens":1,"answer_tokens":1,"context_used":1,"prompt_ms":0,"thinking_ms":0,"answer_ms":0,"seed":1}
END
read d
"""
DYING = r"""#!/bin/sh
echo '{"type":"hello","version":1,"program":"dying"}'
read a; read b
kill -9 $$
"""


class Home:
    """A home of its own, and everything run in it."""

    def __enter__(self):
        self.tmp = tempfile.TemporaryDirectory(prefix="fikr-ask-")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith("XDG_")}
        self.env.update(HOME=self.tmp.name, LC_ALL="C.UTF-8")
        return self

    def __exit__(self, *exc):
        self.tmp.cleanup()

    def worker(self, text):
        path = os.path.join(self.tmp.name, "worker")
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o700)
        self.env["FIKR_WORKER"] = path

    def run(self, *args, input=b"", **more):
        p = subprocess.run([FIKR, *args], input=input, env=self.env,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=PATIENCE, **more)
        return p.returncode, p.stdout, p.stderr.decode()


def any_model(h):
    """A file that is there: the stand-ins do not look inside."""
    path = os.path.join(h.tmp.name, "m.gguf")
    open(path, "w").close()
    return path


def t_usage_errors():
    """Wrong usage that exits otherwise than 2, or says more than a line."""
    with Home() as h:
        for args in [["ask"], ["dance"], ["--bad"], ["ask", "--temp", "x"],
                     ["show"], ["ask", "-n"]]:
            status, out, err = h.run(*args)
            assert (status, out) == (2, b""), (args, status, out)
            assert err.startswith("fikr: ") and err.count("\n") == 1, err


def t_never_a_screen_in_a_pipe():
    """A screen painted into a pipe."""
    with Home() as h:
        status, out, err = h.run()
        assert (status, out) == (2, b""), (status, out)
        assert "fikr ask" in err, err


def t_help_and_version():
    """Help that fails, goes to standard error, or is hidden."""
    with Home() as h:
        for args in [["--help"], ["help"], ["-h"], ["ask", "--help"]]:
            status, out, err = h.run(*args)
            assert status == 0 and err == "" and b"ask" in out, args
        status, out, err = h.run("--version")
        assert status == 0 and out.startswith(b"fikr "), out


def t_no_model():
    """A missing model that is not explained."""
    with Home() as h:
        status, out, err = h.run("ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "SmolLM2" in err and err.count("\n") == 1, err


def t_broken_config():
    """A broken configuration whose place is not named."""
    with Home() as h:
        path = os.path.join(h.tmp.name, "c.yaml")
        with open(path, "w") as f:
            f.write("budget: 3\nnonsense: 1\n")
        status, out, err = h.run("--config", path, "ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "c.yaml:2" in err, err


def t_controls_never_pass():
    """Controls of a model's text reaching the terminal behind the pipe."""
    with Home() as h:
        h.worker(EVIL)
        status, out, err = h.run("-m", any_model(h), "ask", "hi",
                                 "--thinking=stderr")
        assert status == 0, err
        text = out.decode()
        assert all(c >= " " or c in "\n\t" for c in text), text
        assert "\x9b" not in text and "<U+009B>" in text, text
        assert text.startswith("a") and text.endswith("\n"), text
        assert "hm" in err and "\x1b" not in err, err
        status, out, err = h.run("-m", any_model(h), "ask", "hi")
        assert err == "", err


def t_dead_worker():
    """A worker that died making `ask` hang, or succeed."""
    with Home() as h:
        h.worker(DYING)
        status, out, err = h.run("-m", any_model(h), "ask", "hi")
        assert (status, out) == (1, b""), (status, out)
        assert "signal 9" in err, err


def t_list_and_show_of_nothing():
    """A fresh home that is an error to list; ids that leave the folder."""
    with Home() as h:
        assert h.run("list") == (0, b"", "")
        for id in ["../x", "", "nothing", "a/b"]:
            status, out, err = h.run("show", id)
            assert (status, out) == (1, b"") and err, (id, status)


def t_capital():
    """The way from a piped question to its answer and nothing else."""
    with Home() as h:
        status, out, err = h.run("-m", MODEL, "ask", "--temp", "0",
                                 input=b"What is the capital of France?")
        assert (status, err) == (0, ""), (status, err)
        assert b"Paris" in out, out
        assert out.endswith(b"\n") and not out.endswith(b"\n\n"), out


def t_argument_and_input():
    """One of the two parts of a question being dropped; bad UTF-8 in it."""
    with Home() as h:
        args = ["-m", MODEL, "ask", "--temp", "0", "-n", "12"]
        status, out, err = h.run(*args, "Repeat this word.",
                                 input=b"banana \xff\x00\n")
        assert status == 0 and out.strip(), (status, err)


def t_thinking_to_stderr():
    """Thinking on standard output, or nowhere."""
    with Home() as h:
        status, out, err = h.run(
            "-m", MODEL, "ask", "--think=on", "--budget", "16", "--temp", "0",
            "-n", "40", "--thinking=stderr", "What is 2 + 2?")
        assert status == 0 and out.strip() and err.strip(), (status, err)


def t_interrupted():
    """^C ignored, or a status that scripts do not know."""
    with Home() as h:
        p = subprocess.Popen([FIKR, "-m", MODEL, "ask", "--temp", "0",
                              "--repeat-penalty", "1.3",
                              "Write a very long story."],
                             env=h.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert p.stdout.read(1)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=PATIENCE)
        assert p.returncode == 130, p.returncode


def t_reader_goes_away():
    """`fikr ask ... | head -c 1`: noise, or computing on for nobody."""
    with Home() as h:
        p = subprocess.Popen([FIKR, "-m", MODEL, "ask", "--temp", "0",
                              "--repeat-penalty", "1.3",
                              "Write a very long story."],
                             env=h.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert p.stdout.read(1)
        p.stdout.close()
        assert p.wait(PATIENCE) == 141, p.returncode
        assert p.stderr.read() == b""
        p.stderr.close()


def t_full_disk():
    """Output that is lost without a word."""
    with Home() as h, open("/dev/full", "wb") as full:
        p = subprocess.run([FIKR, "-m", MODEL, "ask", "-n", "3", "Hi"],
                           env=h.env, stdin=subprocess.DEVNULL, stdout=full,
                           stderr=subprocess.PIPE, timeout=PATIENCE)
        assert p.returncode == 1 and b"space" in p.stderr, p


def t_terminal_gets_plain_text():
    """Colour or cursor movement when `ask` writes to a terminal."""
    with Home() as h:
        main, side = pty.openpty()
        p = subprocess.Popen([FIKR, "-m", MODEL, "ask", "-n", "8", "Hi"],
                             env=h.env, stdin=subprocess.DEVNULL, stdout=side,
                             stderr=side)
        os.close(side)
        data = b""
        try:
            while more := os.read(main, 4096):
                data += more
        except OSError:                 # the terminal's other end is closed
            pass
        os.close(main)
        assert p.wait(PATIENCE) == 0 and data, data
        assert b"\x1b" not in data, data


TESTS = [t_usage_errors, t_never_a_screen_in_a_pipe, t_help_and_version,
         t_no_model, t_broken_config, t_controls_never_pass, t_dead_worker,
         t_list_and_show_of_nothing]
WITH_MODEL = [t_capital, t_argument_and_input, t_thinking_to_stderr,
              t_interrupted, t_reader_goes_away, t_full_disk,
              t_terminal_gets_plain_text]


def main():
    failed = 0
    have = os.path.exists(MODEL)
    tests = TESTS + WITH_MODEL
    print("1..%d" % len(tests))
    for i, test in enumerate(tests, 1):
        name = test.__name__[2:].replace("_", " ")
        if test in WITH_MODEL and not have:
            print("ok %d - %s # SKIP no model: set FIKR_TEST_MODEL"
                  % (i, name), flush=True)
            continue
        try:
            test()
            print("ok %d - %s" % (i, name), flush=True)
        except Exception as e:          # one failure must not hide the rest
            failed += 1
            print("not ok %d - %s" % (i, name))
            print("# %s: %s" % (type(e).__name__,
                                str(e).replace("\n", " ")[:400]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
