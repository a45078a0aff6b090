#!/usr/bin/env python3
"""Conversations that come and go: the real `fikr import`, `export`, `fork` and
`diff`.  The samples in exports/ were written by hand in the shapes that
docs/export.md describes.  Output is TAP."""

import html.parser
import json
import os
import re

from tap import *

tap = Tap()
SAMPLES = os.path.join(SRC, "tests", "exports")


def sample(name):
    return os.path.join(SAMPLES, name + ".json")


def load(name):
    with open(sample(name)) as f:
        return json.load(f)


def ok(h, *args, **more):
    rc, out, err = h.run(*args, **more)
    assert rc == 0, (args, rc, err)
    return out.decode()


def ids(h):
    return [line.split()[0] for line in ok(h, "list", "--all").splitlines()]


def find(h, title):
    return next(line.split()[0] for line in ok(h, "list", "--all").splitlines()
                if line.endswith(title))


def offer(h, name, value):
    """A file with this JSON, imported."""
    return h.run("import", h.file(name, json.dumps(value)))


# ---- the same tree, whoever wrote it down ----

def shrink(nodes, root):
    """nodes: id -> (role, text, thinking, time, children).  The tree of what
    was said as nested lists: nodes without a text go, their children move up,
    and a thought waits for the answer below it."""
    def below(at, waiting):
        role, text, thinking, when, children = nodes[at]
        thought = "\n\n".join(t for t in (waiting, thinking) if t)
        if role == "assistant" and not text and thought and not children:
            return [[role, "", thought, when, []]]
        if not text:
            return [x for c in children for x in below(c, thought)]
        return [[role, text, thought if role == "assistant" else "", when,
                 [x for c in children for x in below(c, "")]]]
    return below(root, "")


def fenced(text, lang=""):
    return "```%s\n%s%s```" % (lang, text, "" if text.endswith("\n") else "\n")


def gpt_content(content):
    kind = content["content_type"]
    if kind == "thoughts":
        return "", "\n\n".join(
            s for t in content["thoughts"]
            for s in (t["summary"], t["content"]) if s)
    if kind in ("reasoning_recap", "user_editable_context"):
        return "", ""
    if kind == "code":
        return fenced(content["text"], content["language"]), ""
    if kind == "execution_output":
        return fenced(content["text"]), ""
    return "\n\n".join(p if isinstance(p, str) else "[image]"
                       for p in content["parts"]), ""


def gpt_tree(c):
    nodes = {}
    for key, v in c["mapping"].items():
        m = v["message"]
        role = m["author"]["role"] if m else None
        text, thinking = gpt_content(m["content"]) if m else ("", "")
        if role == "tool":
            role = "assistant"
        nodes[key] = (role, text, thinking,
                      m and m["create_time"] and round(m["create_time"], 3),
                      v["children"])
    root = next(k for k, v in c["mapping"].items() if v["parent"] is None)
    return shrink(nodes, root)


def seconds(stamp):
    """Of an ISO 8601 time."""
    import datetime
    return datetime.datetime.fromisoformat(stamp).timestamp()


def deepseek_tree(c):
    nodes = {}
    for key, v in c["mapping"].items():
        m = v["message"] or {}
        parts = {f["type"]: f["content"] for f in m.get("fragments", [])}
        text = parts.get("REQUEST") or parts.get("RESPONSE") or \
            m.get("content", "")
        asks = "REQUEST" in parts or m.get("role") == "USER"
        nodes[key] = ("user" if asks else "assistant", text,
                      parts.get("THINK") or m.get("reasoning_content") or "",
                      m and seconds(m["inserted_at"]), v["children"])
    return shrink(nodes, "root")


def webui_tree(c):
    h = c["chat"]["history"]
    nodes = {"": (None, "", "", 0, [k for k, m in h["messages"].items()
                                    if m["parentId"] is None])}
    for key, m in h["messages"].items():
        text, thinking = m["content"], ""
        found = re.match(r"<details type=\"reasoning\".*?</summary>\n"
                         r"(.*?)\n</details>\n*", text, re.S)
        if found:
            import html as entities
            thinking = "\n".join(
                line[2:] for line in
                entities.unescape(found.group(1)).split("\n"))
            text = text[found.end():]
        for f in m.get("files", []):
            text += "\n\n" + ("[image]" if f["type"] == "image" else
                              "[file: %s]" % f["name"])
        nodes[key] = (m["role"], text, thinking, m["timestamp"],
                      m["childrenIds"])
    return shrink(nodes, "")


def where(c, tree):
    """What is said at the end of the shown branch."""
    if "chat" in c:
        h = c["chat"]["history"]
        return h["messages"][h["currentId"]]["content"]
    return c["mapping"][c["current_node"]]["message"]["content"]


def comes_back(name, tree, head):
    """Import, export, and import that elsewhere: all three are one tree."""
    with Home() as h, Home() as other:
        ok(h, "import", sample(name))
        first = json.loads(ok(h, "export", "--all", "--format", name))
        path = h.file("again.json", json.dumps(first))
        ok(other, "import", path)
        second = json.loads(ok(other, "export", "--all", "--format", name))
        for c in load(name):
            key = c["id"]
            want = tree(c)
            for got in (first, second):
                got = next(g for g in got if g["id"] == key)
                assert tree(got) == want, (key, tree(got), want)
                assert got["title"] == c["title"]
                if head:
                    assert head(got, 0) == head(c, 0), head(got, 0)


# Would catch a branch, a thought, an order or a time that does not survive.
@tap.case
def chatgpts_tree_comes_back():
    comes_back("chatgpt", gpt_tree, where)


@tap.case
def deepseeks_tree_comes_back():
    comes_back("deepseek", deepseek_tree, None)


@tap.case
def open_webuis_tree_comes_back():
    comes_back("openwebui", webui_tree, where)


# Would catch a system prompt that is said aloud, what ChatGPT keeps of its
# user among the messages, and labels that are lost.
@tap.case
def what_stands_around_the_messages_is_understood():
    with Home() as h:
        for name in ("chatgpt", "deepseek", "openwebui"):
            ok(h, "import", sample(name))
        all = json.loads(ok(h, "export", "--all", "--format", "json"))
        by = {c["title"]: c for c in all["conversations"]}
        assert by["Primes below ten"]["system"] == \
            "You are ChatGPT, and brief."
        assert "secret" not in json.dumps(all)
        assert by["Old one"]["archived"] and by["Seven"]["pinned"]
        assert by["Seven"]["tags"] == ["maths", "short"]
        assert by["Seven"]["system"] == "Be exact."
        assert by["How deep is the sea"]["created"] == \
            "2025-03-29T20:49:36.505Z"
        said = {t["text"]: t for t in by["How deep is the sea"]["turns"]}
        assert said["挑战者深渊。"]["thinking"] == "再答一次。\n> 引用"
        assert said["挑战者深渊。"]["id"] == by["How deep is the sea"]["head"]


# Would catch a second copy of everything after a second import, and an order
# of the list that is that of the import.
@tap.case
def what_was_imported_is_known_again():
    with Home() as h:
        rc, out, err = h.run("import", sample("chatgpt"))
        assert rc == 0 and "2 conversations imported" in err, err
        assert len(out.splitlines()) == 2
        rc, out, err = h.run("import", sample("chatgpt"))
        assert rc == 0 and not out and "2 were here already" in err, err
        assert len(ids(h)) == 2
        rc, out, err = h.run("import", "--again", sample("chatgpt"))
        assert rc == 0 and len(ids(h)) == 4, err
        assert "Old one" in ok(h, "list", "--all").splitlines()[-1]
        with open(sample("deepseek"), "rb") as f:
            assert h.run("import", "-", input=f.read())[0] == 0
        assert len(ids(h)) == 6


# ---- fikr's own JSON ----

def put_store(h):
    """A conversation that has everything: branches, a removed one, tokens
    with their times, a fold, labels."""
    with open(os.path.join(SAMPLES, "whole.yaml")) as f:
        h.file("data/fikr/conversations/20261124-053122-7f3a.yaml", f.read())
    return "20261124-053122-7f3a"


# Would catch a field that export or import forgets.
@tap.case
def fikrs_own_json_loses_nothing():
    with Home() as h, Home() as other:
        id = put_store(h)
        first = ok(h, "export", "--format", "json", id)
        v = json.loads(first)["conversations"][0]
        texts = [t["text"] for t in v["turns"]]
        assert "this goes" not in " ".join(texts), texts
        answer = v["turns"][1]
        assert [r["channel"] for r in answer["tokens"]] == \
            ["thinking", "answer"], answer["tokens"]
        assert answer["tokens"][0]["ids"] == "11 12 13"
        assert answer["sampling"]["seed"] == "18446744073709551557"
        assert answer["sampling"]["temperature"] == 0.6
        assert answer["left-out"] == "1" and answer["touched"]
        for key in ("engine", "cpu", "format", "adapters", "system"):
            assert answer[key], key
        ok(other, "import", h.file("x.json", first))
        assert ids(other) == [id]
        assert ok(other, "export", "--format", "json", id) == first
        # and here it is known
        assert "1 was here already" in h.run("import", h.dir + "/x.json")[2]
        assert "1 conversation imported" in \
            h.run("import", "--again", h.dir + "/x.json")[2]
        again = next(i for i in ids(h) if i != id)
        v2 = json.loads(ok(h, "export", "--format", "json",
                           again))["conversations"][0]
        assert v2["origin"] == "fikr:" + id and v2["turns"] == v["turns"]


# Would catch thoughts that stay in some corner of a file that goes to others.
@tap.case
def without_thinking_no_format_has_any():
    with Home() as h:
        id = put_store(h)
        for name in ("md", "json", "html", "text", "chatgpt", "deepseek",
                     "openwebui"):
            whole = ok(h, "export", "--format", name, id)
            bare = ok(h, "export", "--no-thinking", "--format", name, id)
            assert "seven" in whole, name
            assert "seven" not in bare, name
            assert "Four of them" in bare, name
        assert "11 12 13" not in ok(h, "export", "--no-thinking", "--format",
                                    "json", id)


# ---- for reading ----

class Page(html.parser.HTMLParser):
    """Fails at what a page must not have."""
    VOID = {"meta", "br", "hr", "input", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.links = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in ("script", "iframe", "object", "embed", "link",
                           "base", "form", "img", "svg"), tag
        for name, value in attrs.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "style"), (tag, name)
            if name == "href":
                self.links.append(value)
                assert re.match(r"(https?://|mailto:)", value), value
        self.tags.append((tag, attrs))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in self.VOID, tag
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


NASTY = "\n\n".join((
    "<script>alert(1)</script> and <img src=x onerror=alert(2)>",
    "[a](javascript:alert(3)) [b](JaVaScRiPt:alert(4)) "
    "[c](&#106;avascript:alert(5)) [d](data:text/html,x) [e](//evil.example)",
    "[f](vbscript:x) <javascript:alert(6)> [g](https://good.example/?a=1&b=2)",
    "![pic\"onload=\"x](https://evil.example/p.png \"t\\\" onx=\\\"\")",
    "[![in](http://evil.example/i.png)](https://good.example/)",
    "```c\"><script>\nint x = 1 < 2;\n```", "```python\nprint('مرحبا')\n```",
    "- [ ] task", "| a | b |\n|---|:-:|\n| 1 | <b>2</b> |",
    "مرحبا بالعالم", "a\x1b]0;title\x07b \u202e reversed",
    "</section></main></body>", "```\nnever closed"))


# Would catch script, anything fetched, a tag that is not closed, an answer
# that gets out of its box.
@tap.case
def a_page_does_nothing_but_show():
    with Home() as h:
        rc, _, err = offer(h, "n.json", [{"id": "x", "title": "<i>t\x1b</i>",
            "create_time": 1.7e9, "current_node": "b", "mapping": {
                "a": {"parent": None, "children": ["b", "c"], "message": {
                    "author": {"role": "user"}, "create_time": 1.7e9,
                    "content": {"content_type": "text", "parts": [NASTY]}}},
                "b": {"parent": "a", "children": [], "message": {
                    "author": {"role": "assistant"}, "create_time": 1.7e9,
                    "metadata": {"model_slug": "<b onclick=x>"},
                    "content": {"content_type": "text", "parts": [NASTY]}}},
                "c": {"parent": "a", "children": [], "message": {
                    "author": {"role": "assistant"}, "create_time": 1.7e9,
                    "content": {"content_type": "text",
                                "parts": ["another"]}}}}}])
        assert rc == 0, err
        text = ok(h, "export", "--format", "html", ids(h)[0])
        page = Page(text)
        words = "".join(page.words)
        assert set(page.links) == {"https://good.example/?a=1&b=2",
                                   "https://good.example/"}, page.links
        assert "<script>alert(1)</script>" in words
        assert "another" in words       # the version beside it is listed
        assert "https://evil.example/p.png" in words
        assert "\x1b" not in text and "\u202e" not in text
        tags = [t for t, _ in page.tags]
        assert tags.count("section") == 2 and tags.count("h1") == 1
        csp = next(a for t, a in page.tags if t == "meta" and
                   a.get("http-equiv") == "Content-Security-Policy")
        assert "default-src 'none'" in csp["content"]
        assert ("p", {"dir": "auto"}) in page.tags
        assert ("div", {"class": "lang"}) in page.tags
        assert "url(" not in text and "@import" not in text


# Would catch thinking that does not fold, and a page without dark colours.
@tap.case
def a_page_folds_thoughts():
    with Home() as h:
        text = ok(h, "export", "--format", "html", put_store(h))
        page = Page(text)
        assert ("details", {"class": "thinking"}) in page.tags
        assert "Thought for 0.7 s" in text
        assert "prefers-color-scheme:dark" in text
        assert "@media print" in text


# Would catch headings that are missing, a thought that reads as the answer,
# and a cut-off block of code that swallows what follows.
@tap.case
def markdown_and_text_read_well():
    with Home() as h:
        id = put_store(h)
        md = ok(h, "export", id)
        assert md.startswith("# What is prime?\n\n*System prompt*\n\nBe kind."
                             "\n\n## You · 2026-11-24 05:31\n\n"), md
        assert "> **Thought for 0.7 s**\n>\n> Two, three,\n> five, seven.\n" \
            in md, md
        assert "*Version 1 of 2*" in md
        assert md.endswith("*The answer was stopped*\n"), md[-80:]
        assert md.count("```") % 2 == 0
        text = ok(h, "export", "--format", "text", id)
        assert "--- You, 2026-11-24 05:31 ---" in text
        assert "[Thought for 0.7 s]\n\nTwo, three,\nfive, seven.\n\n" \
            "[Answer]\n\nFour of them" in text, text
        rc, out, _ = h.run("export", id)
        assert b"\x1b" not in out and "␛".encode() in out


# ---- files ----

# Would catch a file that is written over, a name that leaves the folder, a
# format that its ending does not choose, and leftovers.
@tap.case
def files_are_made_and_kept():
    with Home() as h:
        ok(h, "import", sample("chatgpt"))
        offer(h, "t.json", [{"id": "y", "title": "../../a/b: \"c\" ",
                             "mapping": {"a": {"message": {
                                 "author": {"role": "user"}, "content": {
                                     "content_type": "text",
                                     "parts": ["hello"]}}}}}])
        folder = os.path.join(h.dir, "out") + "/"
        rc, out, err = h.run("export", "--all", "-o", folder)
        assert rc == 0 and not out and "3 conversations" in err, err
        names = os.listdir(folder)
        assert len(names) == 3 and all(n.endswith(".md") for n in names)
        assert any(n.endswith(" ..-..-a-b- -c-.md") for n in names), names
        path = os.path.join(folder, names[0])
        assert os.stat(path).st_mode & 0o777 == 0o600
        with open(path, "a") as f:
            f.write("mine")
        rc, out, err = h.run("export", "--all", "-o", folder)
        assert rc == 1 and "--force" in err, err
        with open(path) as f:
            assert f.read().endswith("mine")
        ok(h, "export", "--all", "-o", folder, "--force")
        with open(path) as f:
            assert not f.read().endswith("mine")
        assert len(os.listdir(folder)) == 3
        one = os.path.join(h.dir, "one.html")
        ok(h, "export", "-o", one, ids(h)[0])
        with open(one) as f:
            assert f.read().startswith("<!DOCTYPE html>")
        assert h.run("export", "-o", one, ids(h)[0])[0] == 1
        many = os.path.join(h.dir, "many.json")
        ok(h, "export", "--all", "-o", many)
        with open(many) as f:
            assert len(json.load(f)["conversations"]) == 3


# Would catch wrong usage that does something all the same.
@tap.case
def what_makes_no_sense_is_refused():
    with Home() as h:
        ok(h, "import", sample("chatgpt"))
        for args in (("export",), ("export", "--all", ids(h)[0]),
                     ("export", "--format", "doc", ids(h)[0]),
                     ("export", "--all"), ("list", "--force"), ("import",),
                     ("fork",), ("diff",), ("export", "-o", "", ids(h)[0])):
            rc, out, err = h.run(*args)
            assert rc == 2 and not out and err, (args, rc, err)
        for args in (("export", "nobody"), ("import", "/nowhere.json"),
                     ("fork", "nobody"), ("fork", ids(h)[0], "99"),
                     ("diff", ids(h)[0], "1", "x"),
                     ("export", "-o", "/nowhere/x.md", ids(h)[0])):
            rc, out, err = h.run(*args)
            assert rc == 1 and not out and err, (args, rc, err)


# ---- files that mean no good ----

def said(text, parent=None, children=(), role="user", **more):
    return {"parent": parent, "children": list(children), "message": {
        "author": {"role": role}, "content": {"content_type": "text",
                                              "parts": [text]}, **more}}


def convo(title, mapping, **more):
    return {"id": title, "title": title, "mapping": mapping, **more}


# Would catch a crash, an endless loop, and one bad conversation that keeps the
# good one from coming.
@tap.case
def one_bad_conversation_does_not_stop_the_rest():
    with Home() as h:
        loop = {"a": said("a", "b", ["b"]), "b": said("b", "a", ["a"])}
        half = {"r": said("root", None, ["x"]), "x": said("x", "x", ["x"]),
                **loop}
        rc, out, err = offer(h, "bad.json", [
            None, 7, "text", [], {}, {"title": "shapeless"},
            convo("loop", loop), convo("half", half),
            convo("empty", {}), convo("silent", {"a": said("")}),
            convo("odd", {"a": 1, "b": None, "c": {"message": 3},
                          "d": {"message": {"author": "x", "content": []}}}),
            convo("times", {"a": said("late", create_time=1e300),
                            "b": said("early", create_time=-5),
                            "c": said("when", create_time="yesterday")},
                  create_time=9e99),
            convo("lost", {"a": said("orphan", "nobody", ["none", 5, None])},
                  current_node=12),
            convo("good", {"a": said("hello", None, ["b"]),
                           "b": said("there", "a", [], "assistant")})])
        assert rc == 1, rc
        assert "conversation 7, “loop”: nothing was said in it" in err, err
        assert "2 messages that hang in a circle were left out" in err, err
        assert "4 conversations imported" in err, err
        titles = sorted(line.split(None, 1)[1] for line in
                        out.decode().splitlines())
        assert titles == ["good", "half", "lost", "times"], titles
        assert "there" in ok(h, "show", find(h, "good"))


# Would catch a stack that overflows, and time that grows with the square.
@tap.case
def long_and_deep_trees_come_whole():
    with Home() as h:
        n = 20000
        deep = {str(i): said("m%d" % i, str(i - 1) if i else None,
                             [str(i + 1)] if i + 1 < n else [],
                             "assistant" if i % 2 else "user")
                for i in range(n)}
        wide = {"r": said("r", None, [str(i) for i in range(n)]),
                **{str(i): said("w%d" % i, "r", [], "assistant")
                   for i in range(n)}}
        rc, out, err = offer(h, "big.json", [convo("deep", deep),
                                             convo("wide", wide)])
        assert rc == 0, err
        v = json.loads(ok(h, "export", "--format", "chatgpt",
                          find(h, "deep")))[0]
        assert len(v["mapping"]) == n + 1
        v = json.loads(ok(h, "export", "--format", "json", find(h, "wide")))
        turns = v["conversations"][0]["turns"]
        assert len(turns) == n + 1 and turns[-1]["text"] == "w%d" % (n - 1)
        # a thought that many answers share is not many times too large
        bomb = {"t": {"parent": None, "children": [], "message": {
            "author": {"role": "assistant"}, "content": {
                "content_type": "thoughts", "thoughts": [
                    {"summary": "", "content": "x" * (1 << 20)}]}}},
            **{str(i): said("w", "t", [], "assistant") for i in range(500)}}
        rc, out, err = offer(h, "bomb.json", [convo("bomb", bomb)])
        assert rc == 1 and "larger than 256 MiB" in err, err
        rc, out, err = h.run("import", h.file("nest.json", "[" * 100000))
        assert rc == 1 and "no JSON" in err, err
        rc, out, err = h.run("import", h.file("x.zip", "PK\3\4 etc."))
        assert rc == 1 and "unpack it" in err, err
        rc, out, err = offer(h, "ids.json", [
            convo("é" * 150, {"a": said("x")}),
            convo("ü" * 3000, {"a": said("")})])
        assert "1 conversation imported" in err, err
        assert "“%s”: nothing" % ("ü" * 50) in err, err


# Would catch bytes that are no UTF-8, or half an emoji, that cost the whole
# file.
@tap.case
def broken_characters_are_replaced():
    with Home() as h:
        path = h.file("u.json")
        with open(path, "wb") as f:
            f.write(b'[{"id":"u","title":"t\xff","mapping":{"a":{"message":'
                    b'{"author":{"role":"user"},"content":{"content_type":'
                    b'"text","parts":["a\xc3(\\ud83d b \\ude00 c\\u0000d '
                    b'\\ud83d\\ude00 \\\\ud83d \\"q\\" \xf0\x9f\x98\x80"]'
                    b'}}}}}]')
        rc, out, err = h.run("import", path)
        assert rc == 0, err
        v = json.loads(ok(h, "export", "--format", "json", ids(h)[0]))
        v = v["conversations"][0]
        assert v["title"] == "t\ufffd", v["title"]
        assert v["turns"][0]["text"] == \
            "a\ufffd(\ufffd b \ufffd c\0d \U0001F600 \\ud83d \"q\" " \
            "\U0001F600", ascii(v["turns"][0]["text"])


# Would catch fikr's own JSON with turns that would break a conversation.
@tap.case
def unsound_turns_are_refused():
    def fikr(*turns, **more):
        return {"format": "fikr", "version": 1, "conversations": [
            {"id": "20200101-000000-0000", "title": "t", "turns": turns,
             **more}]}
    turn = {"id": 1, "parent": 0, "role": "user", "text": "x"}
    with Home() as h:
        for bad in (fikr(), fikr({**turn, "id": 0}),
                    fikr({**turn, "parent": 1}), fikr(turn, turn),
                    fikr({**turn, "role": "god"}), fikr({**turn, "id": 1e12}),
                    fikr({**turn, "id": 1.5}), fikr(3)):
            rc, out, err = offer(h, "f.json", bad)
            assert rc == 1 and "conversation 1, “t”" in err, (bad, err)
        rc, _, err = offer(h, "f.json", {**fikr(turn), "version": 2})
        assert rc == 1 and "newer fikr" in err, err
        rc, _, err = offer(h, "f.json", fikr(turn, id="../../x", head=77))
        assert rc == 0, err
        assert "../" not in ids(h)[0]


# ---- branches ----

# Would catch a fork that takes more or less than its branch, or changes what
# it was made from.
@tap.case
def a_fork_goes_on_from_its_turn():
    with Home() as h:
        id = put_store(h)
        before = ok(h, "export", "--format", "json", id)
        new = ok(h, "fork", id, "2").strip()
        v = json.loads(ok(h, "export", "--format", "json",
                          new))["conversations"][0]
        old = json.loads(before)["conversations"][0]
        assert v["origin"] == "fork:%s/2" % id
        assert [t["text"] for t in v["turns"]] == \
            [t["text"] for t in old["turns"][:2]]
        assert v["turns"][1]["tokens"] == old["turns"][1]["tokens"]
        assert v["system"] == old["system"] and v["title"] == old["title"]
        whole = ok(h, "fork", id).strip()
        v = json.loads(ok(h, "export", "--format", "json",
                          whole))["conversations"][0]
        assert len(v["turns"]) == 4 and v["head"] == 4
        assert ok(h, "export", "--format", "json", id) == before
        assert len(ids(h)) == 3


# Would catch words that are missing from a comparison, and branches that are
# not listed.
@tap.case
def branches_are_compared_word_by_word():
    with Home() as h:
        ok(h, "import", sample("deepseek"))
        id = find(h, "How deep is the sea")
        ends = ok(h, "diff", id).splitlines()
        assert len(ends) == 3, ends
        assert sum(" * " in line for line in ends) == 1
        a, b, c = (line.split()[0] for line in ends)
        text = ok(h, "diff", id, a, b)
        assert text.startswith("5 messages are in both."), text
        assert "[-好的-]" in text or "[-好的。-]" in text, text
        text = ok(h, "diff", id, a, c)
        assert text.startswith("1 message is in both."), text
        assert "[-About-]" in text or "[-About **3-]" in text, text
        assert "{+Some+}" in text, text
        assert text == ok(h, "diff", id, a, c)


# Would catch a program that dies of a reader who has gone.
@tap.case
def a_reader_may_leave():
    with Home() as h:
        ok(h, "import", sample("chatgpt"))
        p = h.start("export", "--all", "--format", "json")
        p.stdout.close()
        assert p.wait(PATIENCE) in (0, 141), p.returncode
        p.stderr.close()


if __name__ == "__main__":
    raise SystemExit(tap.run())
