#!/usr/bin/env python3
"""What is told outside of the screen of keys, commands and options: `fikr
keys`, the manual pages, the shells' completions.  Output is TAP."""

import os
import re
import shutil
import subprocess
import tempfile

from tap import *

tap = Tap()


def keys(*words, config=None):
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(home + "/fikr")
        if config is not None:
            with open(home + "/fikr/keys.yaml", "w") as f:
                f.write(config)
        return subprocess.run([os.environ["FIKR"], "keys", *words],
                              env=dict(os.environ, XDG_CONFIG_HOME=home,
                                       LC_ALL="C.UTF-8"),
                              capture_output=True, text=True)


@tap.case
def the_list_of_keys():
    """Catches a list that does not tell the person's own keys."""
    r = keys(config="help: f11\n")
    assert r.returncode == 0, r.stderr
    assert "F11, /help" in r.stdout, r.stdout
    assert "Ctrl-T, /view" in r.stdout, r.stdout


@tap.case
def a_wrong_keys_yaml():
    """Catches a wrong keys.yaml that is passed over."""
    r = keys(config="helq: f11\n")
    assert r.returncode == 1, r.returncode
    assert "keys.yaml:1:" in r.stderr and '"help"' in r.stderr, r.stderr


@tap.case
def a_keys_yaml_to_start_from():
    """Catches a template that is not what the defaults are: taken as it is,
    it changes nothing."""
    lines = keys("yaml").stdout.splitlines()
    config = "\n".join(l.removeprefix("# ") for l in lines[1:]) + "\n"
    assert keys(config=config).stdout == keys().stdout, config


@tap.case
def the_manual_page():
    """Catches a manual page that a reader of manuals complains about."""
    page = keys("man").stdout
    assert page.startswith(".TH FIKR\\-KEYS 7"), page[:80]
    if shutil.which("mandoc"):
        r = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"],
                           input=page, capture_output=True, text=True)
        assert r.returncode == 0, r.stdout
    assert keys("woman").returncode == 2, "an unknown word is accepted"


def options():
    """All long options that --help tells of."""
    out = subprocess.run([os.environ["FIKR"], "--language", "en", "--help"],
                         capture_output=True, text=True).stdout
    found = re.findall(r"^  (?:-\w,|   ) (--[a-z-]+)", out, re.M)
    assert len(found) > 20, out
    return found


@tap.case
def the_manual_page_of_options():
    """Catches an option that is not in fikr(1)."""
    with open(program("fikr.1")) as f:
        page = f.read()
    for o in options():
        assert "\n.B " in page and o.replace("-", "\\-") in page, o
    assert ".SH EXIT STATUS" in page and "ask QUESTION" in page, page


BASH = """
PATH=$(dirname "$FIKR"):$PATH
. "$1"
_fikr "$FIKR" "$2" "$3"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(word, before="fikr"):
    path = os.path.join(SRC, "completions", "fikr.bash")
    return subprocess.run(["bash", "-c", BASH, "bash", path, word, before],
                          capture_output=True, text=True).stdout.split()


@tap.needing(("bash is not installed", bool(shutil.which("bash"))))
def completion_in_bash():
    """Catches words of the command line that are not offered."""
    offered = completed("")
    assert not set(options()) - set(offered), offered
    assert {"ask", "list", "doctor", "-m"} <= set(offered), offered
    assert completed("--bud") == ["--budget", "--budget-time"]
    assert "dark" in completed("", "--theme")


raise SystemExit(tap.run())
