#!/usr/bin/env python3
"""The tables of docs/features.md and docs/pitfalls.md: that the tests they name
are there.  TAP."""

import os
import re

from tap import SRC, Tap

tap = Tap()


def rows(name):
    """The numbered rows of a table, a list of cells each."""
    with open(os.path.join(SRC, "docs", name), encoding="utf-8") as f:
        table = [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
                 for line in f if re.match(r"\| \d", line)]
    assert table, name
    return table


def text_of(*path):
    path = os.path.join(SRC, "tests", *path)
    assert os.path.exists(path), path
    with open(path, encoding="utf-8") as f:
        return f.read()


def named(cell):
    """Check what a cell names; how many tests that was."""
    n = 0
    for file, rest in re.findall(r"\b(t_[a-z_0-9]+)(?::([^;|]*))?", cell):
        text = text_of(file + ".c")
        for case in re.findall(r"\b[a-z_0-9]+\b", rest.split("(")[0]):
            assert re.search(r"\b%s\(" % case, text), (file, case)
        n += 1
    for file, rest in re.findall(r"\b([a-z_0-9]+\.py)(?::([^;|]*))?", cell):
        text = text_of(file).replace("_", " ")
        for case in re.split(", (?=[a-z])", rest):
            case = re.split(r"\.\.\.|\(", case)[0].strip()
            assert case.replace("_", " ") in text, (file, case)
        n += 1
    for file in re.findall(r"\bscreens? ([a-z-]+)(?=;|,|$)", cell):
        text_of("screens", file + ".script")
        n += 1
    return n


@tap.case
def each_yes_names_its_test():
    """Catches a feature that is claimed without a test, or whose test was
    given another name."""
    table = rows("features.md")
    assert [int(r[0]) for r in table] == list(range(1, 73))
    for number, name, has, how in table:
        assert has in ("Y", "P", "N"), (number, has)
        count = named(how)
        assert has != "Y" or count, "no test: %s %s" % (number, name)


@tap.case
def each_class_of_bugs_has_its_test():
    """Catches a cure that nothing guards any more."""
    table = rows("pitfalls.md")
    assert [int(r[0]) for r in table] == list(range(1, 27))
    for number, wrong, cure, tests in table:
        assert named(tests), "no test: %s" % number


raise SystemExit(tap.run())
