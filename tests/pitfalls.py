#!/usr/bin/env python3
"""Classes of bugs that programs of this kind have (docs/pitfalls.md), where
only the whole program on a terminal can show them: what tmux has on its
screen, where its cursor is, what was saved.  TAP."""

import os
import re
import sys
import time

from storm import Shown, cpu_seconds, saved
from tap import NEEDS_TMUX, Tap
from terminal import MODERN, Chat, in_shell

tap = Tap()
TOO_NEW = "\U0001FADF"  # Unicode 16; the C library may know it one day
# What terminals and libraries disagree about: a selector, a family, a flag, a
# skin, five marks on a letter, wide ones, an Indic cluster.
WIDTHS = ["\u2764\ufe0f", "\U0001F468\u200d\U0001F469\u200d\U0001F467",
          "\U0001F1E9\U0001F1EA", "\U0001F44D\U0001F3FD",
          "e\u0301\u0302\u0303\u0304\u0305", "中文", "\u0915\u094d\u0937",
          TOO_NEW]


def caret(chat):
    return tuple(int(n) for n in chat.tmux.tmux(
        "display", "-p", "#{cursor_x} #{cursor_y}").split())


def cells(line):
    """What tmux shows of a line, a string a column."""
    out = []
    for c in line:
        wide = 0x1100 <= ord(c) and re.match(
            "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uff00-\uff60"
            "\U0001F300-\U0001FAFF]", c)
        if re.match("[\u0300-\u036f\u094d\u200d\ufe0f]", c):
            out[-1] += c
        else:
            out += [c, ""] if wide else [c]
    return out


def before_caret(chat):
    """The text that ends at the cursor, and all of its line."""
    x, y = caret(chat)
    line = chat.rows(24)[y]
    return "".join(cells(line)[:x]), line


@tap.needing(NEEDS_TMUX)
def pitfall_7_text_newer_than_the_C_library_is_seen():
    """A character that curses would draw as nothing."""
    with Shown() as chat:
        chat.start()
        chat.tmux.type("<a" + TOO_NEW + "b>")
        chat.tmux.keys("Enter")
        s = chat.see("You said")
        found = re.findall("<a(.*)b>", s)
        assert len(found) > 1, s
        for new in found:
            assert new in ("<U+1FADF>", TOO_NEW), s


@tap.needing(NEEDS_TMUX)
def pitfall_8_9_the_cursor_is_behind_what_was_typed():
    """Layout, cursor and terminal each with a width of their own."""
    with Shown(width=60) as chat:
        chat.start()
        for text in WIDTHS:
            chat.tmux.type(text + "ab")
            chat.tmux.wait(lambda s: before_caret(chat)[0].endswith("ab"),
                           "the cursor behind %r" % text, 10)
            assert before_caret(chat)[1].rstrip().endswith("ab")
            chat.tmux.keys("Left")
            chat.tmux.wait(lambda s: before_caret(chat)[0].endswith("a"),
                           "the cursor before the b of %r" % text, 10)
            chat.tmux.keys("C-e", "C-u")
            chat.see("Write a message")


@tap.needing(NEEDS_TMUX)
def pitfall_23_the_cursor_stays_in_the_prompt_while_text_streams():
    """A cursor left where the last change was drawn: an input method's window
    goes there.  Some looks may fall into the middle of a frame."""
    with Shown() as chat:
        chat.home.env["FIKR_FAKE_RATE"] = "20"
        chat.start()
        chat.tmux.type("long 400")
        chat.tmux.keys("Enter")
        chat.see("Item")
        chat.tmux.type("中文 abc")
        chat.see("中文 abc")
        at = caret(chat)
        assert before_caret(chat)[0].endswith("中文 abc"), at
        looks = []
        for _ in range(30):
            looks.append(caret(chat))
            time.sleep(0.02)
        assert looks.count(at) > 20, (at, looks)
        assert chat.tmux.tmux("display", "-p", "#{cursor_flag}") == "1\n"


@tap.needing(NEEDS_TMUX)
def pitfall_3_5_a_prompt_of_two_lines_is_found_again():
    """Entries of the history that are split at their newlines, and a search
    that breaks the characters of a key."""
    with Shown() as chat:
        chat.start()
        chat.tmux.type("# erste 中")
        chat.tmux.keys("M-Enter")
        chat.tmux.type("二文 zweite")
        chat.tmux.keys("Enter")
        chat.see("You said")
        chat.tmux.keys("C-d")
        chat.tmux.wait_exit()
        chat.tmux.tmux("respawn-pane")
        chat.see("Write a message")
        chat.tmux.keys("C-r")
        chat.tmux.type("文")
        chat.see("二文 zweite")
        chat.tmux.keys("Enter")
        chat.tmux.keys("C-e")
        s = chat.settled(24)
        assert any("# erste 中" in row for row in s), s
        chat.tmux.keys("Enter")
        s = chat.see("You said")
        assert "\ufffd" not in s, s


@tap.case
def pitfall_6_bytes_that_are_no_text_are_not_saved():
    """What is typed in another encoding: it would spoil the file."""
    with Chat(replies=MODERN) as chat:
        chat.start()
        chat.send(b"caf\xe9 \xff\xfe\xc3 end\r")
        chat.see("said")
        chat.pty.quiet()
        chat.quit()
        out = saved(chat)
        assert "caf\ufffd \ufffd\ufffd\ufffd end" in out, out


@tap.case
def pitfall_18_standard_error_is_not_the_terminal():
    """A library's warning in the middle of the screen; one that is lost once
    the screen is gone."""
    with Chat(replies=MODERN) as chat:
        chat.start()
        error = os.readlink("/proc/%d/fd/2" % chat.pty.proc.pid)
        out = os.readlink("/proc/%d/fd/1" % chat.pty.proc.pid)
        assert out.startswith("/dev/pts"), out
        assert error.endswith("/fikr.log"), error
        chat.quit()


@tap.case
def pitfall_21_25_nothing_is_computed_while_nothing_happens():
    """A loop that spins: for a reply that does not come, for a frame."""
    with Chat() as chat:
        chat.start()
        used = cpu_seconds(chat.pty.proc.pid)
        time.sleep(1)
        used = cpu_seconds(chat.pty.proc.pid) - used
        assert used < 0.1, "%.2f s of a processor in one second" % used
        chat.quit()


@tap.case
def pitfall_20_an_answer_waits_for_who_has_stopped_fikr():
    """Text that is lost, or a worker that dies of a full pipe, while nobody
    reads it."""
    with in_shell(env={"FIKR_FAKE_RATE": "20000"}, replies=MODERN) as chat:
        chat.start()
        chat.send(b"long 9000\r")
        chat.see("answering")
        chat.send(b"\x1a")
        chat.see("shell's turn")
        time.sleep(0.5)
        chat.send(b"\n")
        chat.see("ready")
        chat.pty.quiet()
        chat.quit()
        out = saved(chat)
        missing = [i for i in range(1, 9001)
                   if "%d. Item number %d of" % (i, i) not in out]
        assert not missing, missing[:5]


if __name__ == "__main__":
    sys.exit(tap.run())
