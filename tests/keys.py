#!/usr/bin/env python3
"""`fikr keys`: the table of actions outside of the screen.  Output is TAP."""

import os
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


raise SystemExit(tap.run())
