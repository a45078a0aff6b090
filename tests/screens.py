#!/usr/bin/env python3
"""Runs tests/screens/NAME.script through `fikr --script` against the stand-in
for the worker and compares what it prints with NAME.screen.  TAP on standard
output; UPDATE=1 writes the expected text instead; names as arguments run only
those.  FIKR names the program (default ./fikr)."""
import difflib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SRC = pathlib.Path(os.environ.get("srcdir", ".")).resolve()
FIKR = os.path.abspath(os.environ.get("FIKR", "./fikr"))
MODEL = "Fake-7B-Instruct.gguf"  # only its name matters: there is no file
TIMEOUT = 90


def environment(home):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("XDG_", "FIKR_"))}
    env.update(HOME=home, XDG_DATA_HOME=f"{home}/data",
               XDG_STATE_HOME=f"{home}/state",
               XDG_CONFIG_HOME=f"{home}/config",
               FIKR_WORKER=str(SRC / "tests" / "fake_worker.py"),
               FIKR_FAKE_GATE=f"{home}/gate", INPUTRC="/dev/null",
               LC_ALL="C.UTF-8", LANGUAGE="", TZ="UTC")
    return env


def run(script):
    """Standard output of the script, or text saying how it failed."""
    home = tempfile.mkdtemp(prefix="fikr-screen-")
    env = environment(home)
    first = script.read_text().splitlines()[0]
    if first.startswith("#env "):
        env.update(word.split("=", 1) for word in first.split()[1:])
    try:
        p = subprocess.run([FIKR, "-m", MODEL, "--script", str(script)], env=env,
                           cwd=home, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None, "took too long"
    finally:
        shutil.rmtree(home, ignore_errors=True)
    out = p.stdout.decode("utf-8", "replace")
    if p.returncode != 0:
        return None, (f"exit {p.returncode}\n" + out +
                      p.stderr.decode("utf-8", "replace"))
    return out, p.stderr.decode("utf-8", "replace")


def diagnose(text):
    for line in text.splitlines():
        print(f"# {line}")


def check(number, script):
    expected = script.with_suffix(".screen")
    got, noise = run(script)
    if got is not None and os.environ.get("UPDATE"):
        expected.write_text(got)
    want = expected.read_text() if expected.exists() else ""
    ok = got is not None and got == want and not noise
    print(f"{'ok' if ok else 'not ok'} {number} - screen {script.stem}")
    if not ok:
        diagnose(noise)
        if got is not None:
            diagnose("\n".join(difflib.unified_diff(
                want.splitlines(), got.splitlines(), "expected", "got",
                lineterm="")))
    sys.stdout.flush()
    return ok


def main():
    scripts = sorted((SRC / "tests" / "screens").glob("*.script"))
    if sys.argv[1:]:
        scripts = [s for s in scripts if s.stem in sys.argv[1:]]
    print(f"1..{len(scripts)}")
    good = [check(i + 1, s) for i, s in enumerate(scripts)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
