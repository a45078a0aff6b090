"""Conversations of many lines on the disk, as fikr writes them
(docs/conversation-format.md)."""

import os

ID = "20260102-030405-abcd"
LINE = "- This is line %d of what is said here."


def turn(n, role, first, lines):
    text = "\n".join("  " + LINE % i for i in range(first, first + lines))
    head = ("---\nevent: begin\nturn: %d\nparent: %d\nrole: %s\n"
            "started: 2026-01-02T03:04:05.000Z\n" % (n, n - 1, role))
    if role == "user":
        return head + "text: |-\n" + text + "\n...\n"
    return (head + "model: 'm'\n...\n---\nevent: delta\nturn: %d\ntext: |-\n"
            "%s\n...\n---\nevent: end\nturn: %d\nreason: stop\n"
            "ended: 2026-01-02T03:05:05.000Z\n...\n" % (n, text, n))


def write(folder, lines, a_turn):
    """Questions of one line and answers, so many lines both together, numbered
    from 1 to lines; the file."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, ID + ".yaml")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write("---\nevent: conversation\nversion: 1\nid: '%s'\n"
                "created: 2026-01-02T03:04:05.000Z\n...\n" % ID)
        for n, first in enumerate(range(1, lines, a_turn)):
            f.write(turn(2 * n + 1, "user", first, 1))
            f.write(turn(2 * n + 2, "assistant", first + 1,
                         min(a_turn - 1, lines - first)))
    return path
