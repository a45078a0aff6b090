#!/usr/bin/env python3
"""fikr list and fikr search: what is saved is listed and found, marked, as
text and as JSON; the index is private, can be deleted, and follows the
files."""

import json
import os
import pty
import stat
import subprocess
import sys

import tap

t = tap.Tap()


def literal(text):
    return "|-\n" + "".join("  %s\n" % line for line in text.split("\n"))


def conversation(home, name, turns, title="", labels="", when=1700000000):
    """Write the file of one, as docs/conversation-format.md has it.  turns are
    (role, text, thinking)."""
    out = ["---\nevent: conversation\nversion: 1\nid: '%s'\n"
           "created: 2026-11-24T05:31:22.123Z\n...\n" % name]
    for i, (role, text, thinking) in enumerate(turns, 1):
        doc = "---\nevent: begin\nturn: %d\nparent: %d\nrole: %s\n" \
            "started: 2026-11-24T05:31:%02d.000Z\n" % (i, i - 1, role, i)
        if thinking:
            doc += "thinking: " + literal(thinking)
        out.append(doc + "text: " + literal(text) + "...\n")
    out.append("---\nevent: title\nturns: %d\ntitle: '%s'\n%s...\n"
               % (len(turns), title, labels))
    path = home.file("data/fikr/conversations/%s.yaml" % name, "".join(out))
    os.utime(path, (when, when))
    return path


def three(home):
    conversation(home, "a", [("user", "How is bread baked?", ""),
                             ("assistant", "In an oven.", "Flour, yeast")],
                 "Baking", when=1700000100)
    conversation(home, "b", [("user", "قرأت والكتاب في المدرسة", ""),
                             ("assistant", "我在北京大学学习中文", "")],
                 "Languages", "pinned: true\ntags: work\n",
                 when=1700000200)
    conversation(home, "c", [("user", "An old one", "")], "Put away",
                 "archived: true\n", when=1700000300)


def search(home, *words):
    status, out, err = home.run("search", *words)
    return status, out.decode(), err


@t.case
def hits_are_lines():
    """Catches an id that is not first, a wrong turn or place, and a status
    that scripts could not tell apart."""
    with tap.Home() as home:
        three(home)
        status, out, err = search(home, "bread")
        assert status == 0 and err == "", (status, err)
        assert out.split() == ["a", "1", "you", "How", "is", "bread",
                               "baked?"], out
        assert "\033" not in out, out
        assert search(home, "yeast")[1].split()[:3] == ["a", "2", "thinking"]
        assert search(home, "oven")[1].split()[:3] == ["a", "2", "answer"]
        assert search(home, "languages")[1].split()[:3] == ["b", "-", "title"]
        assert search(home, "كتاب")[1].split()[:2] == ["b", "1"]
        assert search(home, "北京")[1].split()[:2] == ["b", "2"]
        assert search(home, "oven", "yeast")[0] == 0
        # One in the question, one in its answer.
        assert search(home, "oven", "bread")[1].split()[0] == "a"
        assert search(home, "oven", "languages") == (1, "", "")
        assert search(home, "brioche") == (1, "", "")
        assert search(home, '"an old"')[0] == 0
        assert search(home, "--", "old -one")[0] == 1
        assert search(home)[0] == 2
        assert search(home, "-n", "0", "x")[0] == 2


@t.case
def the_best_few():
    """Catches -n that does not count."""
    with tap.Home() as home:
        for i in range(30):
            conversation(home, "c%d" % i, [("user", "same words", "")], "T")
        assert search(home, "same")[1].count("\n") == 20
        assert search(home, "-n", "3", "same")[1].count("\n") == 3
        assert search(home, "--count=25", "same")[1].count("\n") == 25


@t.case
def hits_as_json():
    """Catches JSON that does not parse, and marks that are not at the hits."""
    with tap.Home() as home:
        three(home)
        for words, found in ((("bread",), ["bread"]),
                             (("كتاب",), ["كتاب"]),
                             (("北京",), ["北京"]),
                             (("baked", "how"), ["How", "baked"])):
            status, out, _ = search(home, "--json", *words)
            hits = json.loads(out)
            assert status == 0 and len(hits) == 1, out
            h = hits[0]
            assert [h["snippet"][a:a + n] for a, n in h["marks"]] == found, h
        assert h["id"] == "a" and h["turn"] == 1 and h["where"] == "text"
        assert h["role"] == "user" and h["title"] == "Baking", h
        status, out, _ = search(home, "--json", "brioche")
        assert status == 1 and json.loads(out) == []


def on_terminal(home, *args, **env):
    """What the command prints to a terminal."""
    ours, theirs = pty.openpty()
    home.env.update(env)
    p = home.start(*args, stdout=theirs, stderr=theirs)
    os.close(theirs)
    out = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    p.wait()
    os.close(ours)
    return out.decode()


@t.case
def hits_are_marked():
    """Catches hits that cannot be seen on a terminal, and escapes that were
    not wanted."""
    with tap.Home() as home:
        three(home)
        out = on_terminal(home, "search", "bread")
        assert "is \033[1mbread\033[22m baked?" in out, repr(out)
        assert "\033" not in on_terminal(home, "search", "bread",
                                         NO_COLOR="1")
        home.env.pop("NO_COLOR")
        assert "\033" not in on_terminal(home, "search", "bread",
                                         TERM="dumb")


@t.case
def controls_are_visible():
    """Catches a saved text that steers the terminal of who searches."""
    with tap.Home() as home:
        home.file("data/fikr/conversations/x.yaml",
                  "---\nevent: conversation\nversion: 1\nid: 'x'\n...\n"
                  "---\nevent: begin\nturn: 1\nparent: 0\nrole: user\n"
                  'text: "evil \\e[2J \\u202E word"\n...\n')
        out = search(home, "word")[1]
        assert "\033" not in out and "\u202e" not in out, repr(out)
        assert "evil" in out


@t.case
def the_list():
    """Catches a list in the wrong order, or that hides what it should show."""
    with tap.Home() as home:
        assert home.run("list", "--json")[1] == b"[]\n"
        three(home)
        out = home.run("list")[1].decode().splitlines()
        assert [line.split()[0] for line in out] == ["b", "a"], out
        assert "* Languages  #work" in out[0] and "*" not in out[1], out
        out = home.run("list", "--all")[1].decode().splitlines()
        assert [line.split()[0] for line in out] == ["c", "b", "a"], out
        assert "(archived)" in out[0], out
        out = home.run("list", "--tag", "work")[1].decode().splitlines()
        assert [line.split()[0] for line in out] == ["b"], out
        for again in range(2):          # without and with the index
            v = json.loads(home.run("list", "--all", "--json")[1])
            assert [c["id"] for c in v] == ["c", "b", "a"], v
            assert v[1] == {"id": "b", "title": "Languages",
                            "created": "2026-11-24T05:31:22.123Z",
                            "changed": "2023-11-14T22:16:40.000Z",
                            "turns": 2, "pinned": True, "archived": False,
                            "tags": ["work"], "trashed": False}, v[1]
            assert search(home, "bread")[0] == 0
        assert home.run("list", "x")[0] == 2
        assert home.run("show", "--tag", "x", "a")[0] == 2


@t.case
def the_index_follows():
    """Catches an index that is behind the files, damaged or not private, and
    what was deleted from it that is missed."""
    with tap.Home() as home:
        three(home)
        index = os.path.join(home.env.get("XDG_CACHE_HOME") or
                             os.path.join(home.dir, ".cache"),
                             "fikr", "index.sqlite")
        assert search(home, "bread")[0] == 0
        mode = stat.S_IMODE(os.stat(index).st_mode)
        assert mode == 0o600, oct(mode)
        assert stat.S_IMODE(os.stat(os.path.dirname(index)).st_mode) == 0o700
        os.unlink(home.path("conversations", "a.yaml"))
        conversation(home, "d", [("user", "brioche", "")], "x")
        assert search(home, "bread")[0] == 1
        assert search(home, "brioche")[0] == 0
        os.unlink(index)
        assert search(home, "brioche")[0] == 0
        with open(index, "r+b") as f:
            f.write(b"garbage" * 1000)
        assert search(home, "brioche")[0] == 0
        assert search(home, "كتاب")[0] == 0


@t.case
def where_nothing_can_be_written():
    """Catches a search that needs its index on a disk."""
    with tap.Home() as home:
        three(home)
        home.file("blocked", "a file, not a folder")
        home.env["XDG_CACHE_HOME"] = os.path.join(home.dir, "blocked")
        assert search(home, "bread")[0] == 0
        assert home.run("list")[0] == 0


@t.case
def what_is_encrypted():
    """Catches an encrypted store that cannot be searched, or of which the
    index keeps a copy in the clear."""
    with tap.Home() as home:
        three(home)
        assert search(home, "bread")[0] == 0
        home.env["FIKR_PASSPHRASE_FILE"] = home.file("pass", "open sesame")
        status, out, err = home.run("lock")
        assert status == 0, err
        assert search(home, "bread")[1].split()[:2] == ["a", "1"]
        assert search(home, "كتاب")[0] == 0
        out = home.run("list")[1].decode().splitlines()
        assert sorted(line.split()[0] for line in out) == ["a", "b"], out
        for folder, _, names in os.walk(home.dir):
            assert not any(n.startswith("index.sqlite") for n in names)
        del home.env["FIKR_PASSPHRASE_FILE"]
        status, out, err = search(home, "bread")
        assert status == 1 and out == "" and "passphrase" in err, err


@t.case
def many_at_once():
    """Catches programs that wait for each other, or spoil each other's
    index."""
    with tap.Home() as home:
        for i in range(200):
            conversation(home, "c%d" % i, [("user", "same words", "")] * 5,
                         "T")
        running = [home.start("search", "-n", "500", "same",
                              stdout=subprocess.PIPE) for _ in range(6)]
        for p in running:
            out, err = p.communicate(timeout=tap.PATIENCE)
            assert p.returncode == 0 and err == b"", err
        out = search(home, "-n", "1000", "--json", "same")[1]
        assert len(json.loads(out)) == 1000, len(json.loads(out))


sys.exit(t.run())
