#!/usr/bin/env python3
"""fikr pin, archive, tag, rename, rm and trash, with the real program.  TAP."""

import fcntl
import glob
import os
import sys
import time

from pty_term import Pty
from tap import Home, NEEDS_MODEL, PATIENCE, Tap, program

tap = Tap()
ID = "20261124-053122-7f3a"
OTHER = "20261124-060000-0001"
TEXT = """---
event: conversation
version: 1
id: '%s'
created: 2026-11-24T05:31:22.123Z
...
---
event: begin
turn: 1
parent: 0
role: user
started: 2026-11-24T05:31:40.000Z
text: |-
  %s
...
"""


def saved(home, convo=ID, text="What is the capital of France?"):
    return home.file("data/fikr/conversations/%s.yaml" % convo,
                     TEXT % (convo, text))


def good(home, *args):
    status, out, err = home.run(*args)
    assert status == 0, "%s: %s %s" % (args, status, err)
    return out.decode()


def bad(home, words, *args):
    status, out, err = home.run(*args)
    assert status, "%s: succeeded" % (args,)
    assert words in err, "%s: %r" % (args, err)


@tap.case
def labels_are_kept_in_the_file():
    """Would catch a command that says yes and does nothing."""
    with Home() as home:
        path = saved(home)
        good(home, "pin", ID)
        good(home, "archive", ID)
        good(home, "rename", ID, "Paris,", "again")
        text = open(path).read().rsplit("event: title", 1)[1]
        for word in ("pinned: true", "archived: true", "Paris, again",
                     "by: person"):
            assert word in text, text
        good(home, "unpin", ID)
        good(home, "unarchive", ID)
        text = open(path).read().rsplit("event: title", 1)[1]
        assert "pinned" not in text and "archived" not in text, text


@tap.case
def tags_come_and_go():
    """Would catch -TAG taken for options, and a tag lost by the next one."""
    with Home() as home:
        saved(home)
        good(home, "tag", ID, "+work", "+ideas", "+h")
        good(home, "tag", ID, "-ideas", "-h", "+später mal")
        assert good(home, "tag", ID).splitlines() == ["work", "später mal"]
        good(home, "--language", "en", "tag", ID, "-work")
        assert good(home, "tag", ID).splitlines() == ["später mal"]
        bad(home, "+TAG", "tag", ID, "work")
        bad(home, "commas", "tag", ID, "+a,b")


@tap.case
def one_of_several_fails():
    """Would catch an error that stops the rest, or is not in the status."""
    with Home() as home:
        path = saved(home)
        bad(home, "no conversation nope", "pin", "nope", ID)
        assert "pinned: true" in open(path).read()


@tap.case
def another_fikr_has_it():
    """Would catch a write into a file that is locked."""
    with Home() as home:
        path = saved(home)
        with open(path) as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            bad(home, "another fikr", "pin", ID)
            bad(home, "another fikr", "rm", ID)
        assert "title" not in open(path).read()


@tap.case
def the_trash_gives_back():
    """Would catch a deletion that is for good, and a trash that forgets."""
    with Home() as home:
        saved(home)
        saved(home, OTHER, "Something else")
        good(home, "rm", ID)
        assert ID not in good(home, "list")
        assert OTHER in good(home, "list")
        line, = good(home, "trash").splitlines()
        assert line.startswith(ID) and "30 days left" in line and \
            "capital" in line, line
        good(home, "trash", "restore", ID)
        assert good(home, "trash") == ""
        assert ID in good(home, "list")


@tap.case
def the_trash_is_emptied_when_asked_for():
    """Would catch a trash that is emptied without a yes."""
    with Home() as home:
        saved(home)
        saved(home, OTHER, "Something else")
        good(home, "rm", ID)
        bad(home, "--yes", "trash", "empty")
        assert ID in good(home, "trash")
        good(home, "trash", "empty", "--yes")
        assert good(home, "trash") == ""
        left = [f for _, _, fs in os.walk(home.path("conversations"))
                for f in fs if ID in f]
        assert not left, left
        assert OTHER in good(home, "list")


class Chat:
    """The chat line by line, with the real model."""

    def __init__(self, home):
        home.env.update(FIKR_PLAIN="1", TERM="dumb")
        self.pty = Pty([program("fikr"), "--think", "off", "-n", "8"],
                       home.env)

    def __enter__(self):
        assert self.pty.see(b"You: "), self.pty.got
        return self

    def __exit__(self, *exc):
        self.pty.close()


def comes(what):
    """Whether it does, before long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and not what():
        time.sleep(0.2)
    return what()


@tap.needing(NEEDS_MODEL)
def the_model_gives_a_title():
    """Would catch titles that never come with the real model, and one that is
    not in the file."""
    def titled():
        return any("by: model" in open(f).read()
                   for f in glob.glob(home.path("conversations", "*.yaml")))

    with Home(model=True) as home, Chat(home) as chat:
        chat.pty.send(b"Explain the history of the printing press\n")
        assert comes(titled), chat.pty.got
        assert "rinting" in good(home, "list")


@tap.needing(NEEDS_MODEL)
def the_chat_empties_the_trash():
    """Would catch a trash that is never emptied, and one that is too early."""
    with Home(model=True) as home:
        saved(home)
        saved(home, OTHER, "Something else")
        good(home, "rm", ID, OTHER)
        path = home.path("conversations", "trash", ID + ".yaml")
        with open(path, "a") as f:
            f.write("---\nevent: title\nturns: 1\ntitle: 'Old'\nby: first\n"
                    "trashed: 2020-01-01T00:00:00.000Z\n...\n")
        with Chat(home):
            assert not os.path.exists(path)
            assert OTHER in good(home, "trash")


if __name__ == "__main__":
    sys.exit(tap.run())
