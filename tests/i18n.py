#!/usr/bin/env python3
"""The texts of the interface and their translations: every text is known to
translators, Arabic has all of them and prints the same values, and the program
finds its catalogue whatever locale is installed.  Output is TAP."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tap import *

tap = Tap()
PO = Path(SRC) / "po"
TOOLS = ("gettext is not installed", bool(shutil.which("xgettext")))


def entries(path):
    """A catalogue as {msgid: (translations, is it a guess)}."""
    text = subprocess.run(["msgcat", "--no-wrap", str(path)], check=True,
                          capture_output=True, text=True).stdout
    out = {}
    for block in text.split("\n\n"):
        found = {}
        for line in block.splitlines():
            m = re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line)
            if m:
                key = m.group(1)
                found[key] = ast.literal_eval(m.group(2))
            elif line.startswith('"'):
                found[key] += ast.literal_eval(line)
        if found.get("msgid"):
            out[found["msgid"]] = (
                [v for k, v in found.items() if k.startswith("msgstr")],
                re.search(r"^#,.*fuzzy", block, re.M) is not None)
    return out


@tap.needing(TOOLS)
def every_text_is_in_the_template():
    """Catches a text that was added or changed without po/update."""
    with tempfile.TemporaryDirectory() as d:
        fresh = os.path.join(d, "fikr.pot")
        subprocess.run([str(PO / "update"), "-n", fresh], check=True)
        new, old = set(entries(fresh)), set(entries(PO / "fikr.pot"))
    assert new == old, "run po/update; new or changed: %s; gone: %s" % (
        sorted(new - old), sorted(old - new))


@tap.needing(TOOLS)
def arabic_is_complete():
    """Catches a text without a translation, or with a guessed one."""
    have = entries(PO / "ar.po")
    bad = [t for t in entries(PO / "fikr.pot")
           if t not in have or have[t][1] or not all(have[t][0])]
    assert not bad, "%d texts of ar.po: %s" % (len(bad), bad)


@tap.needing(TOOLS)
def arabic_prints_the_same_values():
    """Catches a translation that would print other values than the text, or
    crash, and one that loses the blanks it is joined with."""
    subprocess.run(["msgfmt", "--check-format", "-o", "/dev/null",
                    str(PO / "ar.po")], check=True)
    for text, (translations, _) in entries(PO / "ar.po").items():
        for t in translations:
            assert (t[:1] == " ") == (text[:1] == " "), text
            assert (t[-1:] == " ") == (text[-1:] == " "), text


def shown(*words, **env):
    """Is the help in Arabic?"""
    with Home() as home:
        for name in list(home.env):
            if name.startswith(("LC_", "LANG")):
                del home.env[name]
        home.env.update(env)
        status, out, err = home.run(*words, "--help")
    assert status == 0, err
    return re.search("[\u0600-\u06ff]", out.decode()) is not None


@tap.case
def the_language_follows_the_environment():
    """Catches a language that is not found where its locale is not installed,
    a wrong order of the variables, and a --language that is not heard."""
    for want, words, env in (
            (True, [], {"LANG": "ar_EG.UTF-8"}),
            (True, [], {"LANG": "ar"}),
            (True, [], {"LC_ALL": "ar_SA.UTF-8", "LANG": "C"}),
            (True, [], {"LC_MESSAGES": "ar_EG.UTF-8", "LANG": "C.UTF-8"}),
            (False, [], {"LC_ALL": "C", "LANG": "ar_EG.UTF-8"}),
            (True, [], {"LANG": "C.UTF-8", "LANGUAGE": "ar"}),
            (False, [], {"LANG": "C", "LANGUAGE": "ar"}),
            (False, [], {"LANG": "xx_XX.UTF-8"}),
            (False, [], {}),
            (True, ["--language", "ar"], {"LANG": "C"}),
            (True, ["--language", "ar"], {}),
            (False, ["--language", "en"], {"LANG": "ar_EG.UTF-8"})):
        assert shown(*words, **env) == want, (want, words, env)


@tap.case
def the_language_follows_the_setting():
    """Catches a setting that is not heard, and one that is no language."""
    with Home() as home:
        home.file("config/fikr/config.yaml", "language: ar\n")
        _, out, _ = home.run("--help")
        assert "\u0627" in out.decode(), out
        home.file("config/fikr/config.yaml", "language: ../x\n")
        status, _, err = home.run("ask", "x")
        assert status == 1 and "config.yaml:1: language" in err, err


sys.exit(tap.run())
