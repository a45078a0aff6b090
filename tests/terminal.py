#!/usr/bin/env python3
"""The whole program on a pty: what it asks the terminal, that replies never
reach the prompt, and that every way out puts the terminal back.  TAP."""

import json
import os
import re
import signal
import sys
import time

from pty_term import Pty
from tap import Home, SRC, Tap, program

FAKE = os.path.join(SRC, "tests", "fake_worker.py")
tap = Tap()
SYNC = (b"\033[?2026$p", b"\033[?2026;2$y")
PASTE = (b"\033[?2004$p", b"\033[?2004;1$y")
KITTY = (b"\033[?u", b"\033[?0u")
DARK = (b"\033]11;?", b"\033]11;rgb:1a1a/1b1b/2626\033\\")
LIGHT = (b"\033]11;?", b"\033]11;rgb:fafa/fafa/f0f0\033\\")
FENCE = (b"\033[c", b"\033[?62;22c")
MODERN = [SYNC, PASTE, KITTY, DARK, FENCE]


class Chat:
    """fikr with the stand-in for its worker, in a home of its own."""

    def __init__(self, args=(), env=None, argv=None, model="m.gguf", **more):
        self.home = Home()
        self.home.file("data/fikr/models/m.gguf")
        self.home.env.update(FIKR_WORKER=FAKE, FIKR_SHARE=SRC,
                             FIKR_FAKE_GATE=self.home.dir + "/gate")
        for name in ("LINES", "COLUMNS", "FORCE_COLOR", "COLORFGBG", "STY",
                     "VISUAL", "EDITOR", "LANG", "LANGUAGE", "LC_CTYPE"):
            self.home.env.pop(name, None)
        self.home.env.update(env or {})
        self.argv = [program("fikr"), "-m", model, *args]
        self.pty = Pty(argv or self.argv, self.home.env, **more)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.pty.close()
        self.home.done()

    def see(self, text):
        if isinstance(text, str):
            text = text.encode()
        assert self.pty.see(text), "no %r in %r" % (text, self.pty.got[-400:])

    def start(self):
        self.see("Write a message")
        self.pty.until(lambda: b"ready" in self.pty.all)
        self.pty.quiet()

    def send(self, key):
        self.pty.send(key.encode() if isinstance(key, str) else key)

    def over(self, *status):
        got = self.pty.wait()
        assert got in status, "ended with %s, not %s: %r" % (
            got, status, self.pty.got[-400:])
        self.restored()

    def restored(self):
        why = self.pty.changed()
        assert not why, why

    def quit(self):
        self.send(b"\x04")
        self.over(0)


def all_on(chat):
    """Every mode that there is, so that every one has to be undone."""
    chat.start()
    chat.send(b"\033m")  # the mouse
    chat.pty.quiet()
    ever = chat.pty.modes().ever
    missing = {1049, 2004, 1004, 2026, 1000, 1002, 1006, "kitty"} - ever
    assert not missing, "never on: %s" % missing


# ---- pitfall 19: every way out ----

@tap.case
def quitting_undoes_all():
    """Pitfall 19: a mode left on after the end."""
    with Chat(replies=MODERN) as chat:
        all_on(chat)
        chat.quit()


def by_signal(sig, *status):
    def run():
        with Chat(replies=MODERN) as chat:
            all_on(chat)
            chat.pty.proc.send_signal(sig)
            chat.over(*status)
    return run


for sig, status in ((signal.SIGTERM, (143, -15)), (signal.SIGHUP, (129, -1)),
                    (signal.SIGABRT, (-6,)), (signal.SIGINT, (-2,)),
                    (signal.SIGQUIT, (-3,)), (signal.SIGSEGV, (-11,))):
    tap.add("pitfall 19: undone at " + sig.name, by_signal(sig, *status))


@tap.case
def undone_in_the_middle_of_an_answer():
    """Pitfall 19: SIGTERM while frames are sent."""
    with Chat(replies=MODERN) as chat:
        all_on(chat)
        chat.send(b"long 4000\r")
        chat.see("Item number")
        chat.pty.proc.send_signal(signal.SIGTERM)
        chat.over(143, -15)


@tap.case
def worker_death_leaves_a_chat_that_can_be_quit():
    """Pitfall 19, 18: a worker that dies, and whatever it prints."""
    with Chat(replies=MODERN) as chat:
        all_on(chat)
        chat.send(b"die\r")
        chat.see("starts a new")
        chat.quit()


@tap.case
def failed_start():
    """Pitfall 19: a start that fails sends nothing at all."""
    with Chat(model="nothing-like-it") as chat:
        chat.over(1)
        assert b"\033" not in chat.pty.all, chat.pty.all


@tap.case
def words_of_the_worker_stay_off_the_screen():
    """Pitfall 18: standard error of the worker and of libraries goes to the
    log, or the screen scrolls."""
    with Chat() as chat:
        pass
    with Home() as home:
        noisy = home.file("noisy", "#!/bin/sh\necho SCROLL DEMON >&2\n"
                          "exec %s %s\n" % (sys.executable, FAKE), 0o700)
        with Chat(env={"FIKR_WORKER": noisy}) as chat:
            chat.start()
            chat.quit()
            assert b"DEMON" not in chat.pty.all
            with open(chat.home.dir + "/state/fikr/worker.log",
                      "rb") if os.path.exists(
                          chat.home.dir + "/state/fikr/worker.log") else \
                    open(chat.home.dir + "/state/fikr/fikr.log", "rb") as f:
                assert b"DEMON" in f.read()


# A shell with job control around the program: without one, nobody could
# continue it and the kernel would not stop it.
SHELL = 'set -m; "$@"; echo shell"\'"s turn; read -r line; fg'


def in_shell(**more):
    chat = Chat(argv=["true"], **more)
    chat.pty.close()
    more.pop("env", None)
    chat.pty = Pty(["bash", "-c", SHELL, "bash", *chat.argv], chat.home.env,
                   **more)
    return chat


@tap.case
def stopping_and_going_on():
    """Pitfall 19: ^Z gives the terminal back, fg takes it again."""
    with in_shell(replies=MODERN) as chat:
        all_on(chat)
        chat.send(b"\x1a")
        chat.see("shell's turn")
        chat.restored()
        chat.send(b"\n")
        chat.see("Write a message")
        chat.pty.quiet()
        modes = chat.pty.modes()
        for n in (1049, 2004, 1004, 1000):
            assert modes.private[n], "mode %d is not on again" % n
        assert modes.kitty[True], "no kitty keys again"
        chat.quit()


@tap.case
def stopped_by_somebody_else():
    """Pitfall 19: SIGSTOP cannot be caught; on SIGCONT the terminal may be as
    a shell likes it."""
    with Chat(replies=MODERN) as chat:
        all_on(chat)
        os.kill(chat.pty.proc.pid, signal.SIGSTOP)
        time.sleep(0.1)
        chat.pty.got = b""
        os.kill(chat.pty.proc.pid, signal.SIGCONT)
        chat.see("Write a message")
        chat.pty.quiet()
        chat.quit()


# ---- pitfall 25: questions and replies ----

@tap.case
def the_first_frame_waits_for_no_reply():
    """Pitfall 25: a terminal that never answers."""
    with Chat() as chat:
        chat.start()
        out = chat.pty.all
        assert out.index(b"Write a message") < out.index(b"\033[?2026$p")
        assert b"\033[?2026h" not in out, "sync without being asked for"
        assert b"\033[>5u" not in out and b"\033[>4;1m" not in out
        chat.send("hello")
        chat.see("hello")
        chat.send(b"\x15")
        chat.quit()


@tap.case
def what_is_answered_is_used():
    """Catches answers that nobody hears."""
    with Chat(replies=MODERN) as chat:
        chat.start()
        modes = chat.pty.modes()
        assert 2026 in modes.ever and "kitty" in modes.ever
        assert "other keys" not in modes.ever
        chat.send(b"one\033[13;2utwo")  # Shift-Enter
        chat.see("two")
        chat.send(b"\033[99;5u")  # Ctrl-C clears
        chat.pty.quiet()
        chat.quit()


@tap.case
def xterm_keys_where_kitty_is_unknown():
    """Catches Shift-Enter that cannot be told from Enter in xterm."""
    with Chat(replies=[FENCE]) as chat:
        chat.start()
        assert chat.pty.modes().other_keys == 1
        chat.send(b"one\033[27;2;13~two")
        chat.see("two")
        chat.send(b"\x03")
        chat.pty.quiet()
        chat.quit()


def shown(chat):
    """The text that went to the screen."""
    return re.sub(rb"\033\[[0-9;?>=<]*[ $]?[a-zA-Z]", b"", chat.pty.got)


@tap.case
def late_and_cut_replies_are_not_typed():
    """Pitfall 25: a reply after the deadline, and one cut in two, are no
    text."""
    with Chat() as chat:
        chat.start()
        time.sleep(0.3)
        chat.send(b"ab")
        for part in (b"\033]11;rgb:1a1a/", b"1b1b/2626\033\\",
                     b"\033[?2026", b";2$y", b"\033[?62;", b"22c",
                     b"\033[12;", b"40R"):
            os.write(chat.pty.master, part)
            time.sleep(0.1)
        os.write(chat.pty.master, b"cd")
        chat.pty.quiet()
        text = shown(chat)
        for junk in (b"rgb", b"1b1b", b"2026", b"62;", b"22c", b"40R"):
            assert junk not in text, text
        assert b"c" in text and b"d" in text
        chat.send(b"\x15")
        chat.quit()


@tap.case
def a_terminal_that_knows_nothing_is_not_asked():
    """Pitfall 25: TERM=linux and vt100 would show the questions."""
    for term in ("linux", "vt100"):
        with Chat(env={"TERM": term}) as chat:
            chat.start()
            assert b"$p" not in chat.pty.all and b"]11" not in chat.pty.all
            assert b"\033[c" not in chat.pty.all
            assert not {1004, 2026, "kitty", "other keys"} & \
                chat.pty.modes().ever
            chat.quit()


# ---- $EDITOR ----

def editor(home, text):
    return home.file("editor", "#!/bin/sh\n" + text, 0o700)


def edit(script, before="draft", **more):
    """Start, type, and open an editor that does what script says."""
    chat = Chat(replies=MODERN, **more)
    chat.home.file("seen")
    path = editor(chat.home, "exec 2>%s/errors\n%s\n" % (chat.home.dir,
                                                        script))
    chat.pty.close()
    chat.home.env.update(EDITOR=path, VISUAL="", H=chat.home.dir,
                         TMPDIR=chat.home.dir)
    chat.pty = Pty(chat.argv, chat.home.env, replies=MODERN)
    chat.start()
    chat.send(before)
    chat.see(before)
    chat.pty.quiet()
    return chat


@tap.case
def editor_gets_and_gives_the_prompt():
    """Pitfall 19: the terminal is the shell's while the editor runs; the file
    is private and goes away."""
    with edit('cp "$1" $H/seen; stat -c %a "$1" > $H/mode; stty -a > $H/stty;'
              'echo editor here; sleep 0.3; printf "new\\n\\n" > "$1";'
              'printf "line \\377\\n" >> "$1"') as chat:
        chat.send(b"\x07")
        chat.see("editor here")
        chat.restored()
        chat.see("line")
        chat.pty.quiet()
        with open(chat.home.dir + "/seen") as f:
            assert f.read() == "draft"
        with open(chat.home.dir + "/mode") as f:
            assert f.read() == "600\n"
        with open(chat.home.dir + "/stty") as f:
            assert " icanon" in f.read()
        assert "\N{REPLACEMENT CHARACTER}".encode() in chat.pty.got
        assert not [n for n in os.listdir(chat.home.dir)
                    if n.startswith("fikr-prompt")]
        assert chat.pty.modes().private[1049]
        chat.send(b"\x03")
        chat.pty.quiet()
        chat.quit()


@tap.case
def editor_that_leaves_a_mess():
    """Pitfall 19: whatever the editor did to the terminal is undone."""
    with edit("stty -echo -icanon -isig -opost; printf '"
              "\\033[?1003h\\033[?25l\\033[2;5r\\033[?7l\\033(0"
              "\\033[?1049h\\033[1;31m'") as chat:
        chat.send(b"\x07")
        chat.see("\033[?1003h")
        chat.see("draft")
        chat.pty.quiet()
        out = chat.pty.all
        assert out.rindex(b"\033[r") > out.rindex(b"\033[2;5r")
        assert out.rindex(b"\033(B") > out.rindex(b"\033(0")
        chat.send(b"\x15")
        chat.pty.quiet()
        chat.quit()


@tap.case
def editor_that_fails_changes_nothing():
    """Catches a prompt lost to an editor that was not there or gave up."""
    for script, word in (("exit 3", "status 3"), ("kill -9 $$", "status 137"),
                         ("rm \"$1\"; mkfifo \"$1\"", "ordinary file"),
                         ("head -c 5000000 /dev/zero > \"$1\"", "longer")):
        with edit(script) as chat:
            chat.send(b"\x07")
            chat.see(word)
            chat.pty.quiet()
            assert b"draft" in chat.pty.got
            chat.send(b"\x15")
            chat.pty.quiet()
            chat.quit()


@tap.case
def the_worker_goes_on_while_the_editor_runs():
    """Catches an answer that waits for the editor to end."""
    with edit('touch $H/gate; i=0; while ! grep -rq "number 300" '
              '$H/data/fikr/conversations && [ $i -lt 100 ];'
              'do sleep 0.1; i=$((i+1)); done; echo $i > $H/waited',
              before="gate long 300") as chat:
        chat.send(b"\r")
        chat.see("reading")
        chat.send(b"\x07")
        chat.see("number 300")
        with open(chat.home.dir + "/waited") as f:
            assert int(f.read()) < 100
        chat.pty.quiet()
        chat.quit()


@tap.case
def interrupting_the_editor_spares_the_worker():
    """Catches ^C and SIGTERM of an editor that take the chat down with it."""
    with edit("trap 'exit 0' INT; echo waiting; sleep 30 & wait") as chat:
        chat.send(b"\x07")
        chat.see("waiting")
        chat.pty.quiet(0.1)
        chat.send(b"\x03")
        chat.see("draft")
        chat.pty.quiet()
        chat.send(b"\x15")
        chat.send(b"hello\r")
        chat.see("hello")
        chat.pty.until(lambda: b"ready" in chat.pty.got)
        chat.quit()
    with edit("trap '' TERM INT; echo waiting; sleep 1") as chat:
        chat.send(b"\x07")
        chat.see("waiting")
        chat.pty.proc.send_signal(signal.SIGTERM)
        chat.over(143)


@tap.case
def stopping_the_editor_stops_the_chat():
    """Pitfall 19: ^Z in the editor, and fg."""
    with in_shell(replies=MODERN) as chat:
        path = editor(chat.home, 'echo editor here; kill -STOP 0;'
                      'echo again; printf edited > "$1"\n')
        chat.home.env["EDITOR"] = path
        chat.pty.close()
        chat.pty = Pty(["bash", "-c", SHELL, "bash", *chat.argv],
                       chat.home.env, replies=MODERN)
        chat.start()
        chat.send(b"\x07")
        chat.see("shell's turn")
        chat.restored()
        chat.send(b"\n")
        chat.see("again")
        chat.see("edited")
        chat.send(b"\x15")
        chat.pty.quiet()
        chat.quit()


# ---- pitfall 26, 15, 12: terminals, locales, sizes ----

TERMS = ["xterm", "xterm-256color", "vte-256color", "konsole-256color",
         "kitty", "xterm-kitty", "foot", "alacritty", "wezterm", "linux",
         "tmux-256color", "screen", "screen-256color", "vt100"]


def start_and_quit(**env):
    with Chat(env=env, replies=[FENCE]) as chat:
        chat.start()
        chat.send("x1y")
        chat.see("x1y")
        chat.send(b"\x15")
        chat.pty.quiet()
        chat.quit()
        return chat.pty.all


def on_term(term):
    return lambda: start_and_quit(TERM=term)


for term in TERMS:
    tap.add("pitfall 26: TERM=" + term, on_term(term))


@tap.case
def a_dumb_terminal_is_told_so():
    """Pitfall 26: control sequences on a terminal that has none."""
    with Chat(env={"TERM": "dumb", "FIKR_PLAIN": "0"}) as chat:
        status = chat.pty.wait()
        assert status == 1, status
        assert b"\033" not in chat.pty.all and b"dumb" in chat.pty.all


@tap.case
def locales():
    """Pitfall 15: no UTF-8, and a locale that is not installed."""
    for name in ("C", "C.UTF-8", "xx_YY.UTF-8", "POSIX"):
        out = start_and_quit(LC_ALL=name)
        utf8 = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}".encode() in out
        assert utf8 == ("UTF-8" in name), name


@tap.case
def the_terminal_knows_its_size():
    """Pitfall 12: LINES and COLUMNS of a shell or of readline, which curses
    would take for the size for ever."""
    with Chat(env={"LINES": "11", "COLUMNS": "33"}) as chat:
        chat.start()
        assert b"\033[24;" in chat.pty.all, "row 24 is never written"
        chat.pty.got = b""
        chat.pty.resize(40, 100)
        assert chat.pty.until(lambda: b"\033[40;" in chat.pty.got)
        chat.pty.quiet()
        chat.quit()


@tap.case
def a_storm_of_sizes():
    """Pitfall 13: 200 sizes while an answer streams, down to 1x1."""
    with Chat(replies=MODERN) as chat:
        chat.start()
        chat.send(b"long 3000\r")
        chat.see("Item number")
        for i in range(200):
            chat.pty.resize(1 + i * 7 % 30, 1 + i * 13 % 90)
            chat.pty.read(0.002)
        chat.pty.resize(1, 1)
        chat.pty.quiet(0.1)
        chat.pty.resize(24, 80)
        chat.pty.got = b""
        chat.see("Write a message")
        chat.send(b"\x03")
        chat.pty.quiet()
        assert chat.pty.proc.poll() is None
        chat.send(b"\x04\x04")  # twice, where it is still answering
        chat.over(0)


# ---- colours ----

@tap.case
def the_theme_goes_by_the_background():
    """Catches "auto" that does not hear the answer, one that comes too late
    and changes what is being read, and one that wins over a setting."""
    light, dark = b"38;5;236m", b"38;5;253m"  # "text" of the two
    for replies, args, first, then in (
            ([LIGHT, FENCE], (), dark, light), ([DARK, FENCE], (), dark, None),
            ([LIGHT, FENCE], ("--theme", "ember"), None, None)):
        with Chat(args, replies=replies) as chat:
            chat.start()
            before, after = chat.pty.all.split(b"\033[c", 1)
            assert first is None or first in before, before
            assert (light in after) == (then is not None), after
            chat.quit()
    with Chat() as chat:
        chat.start()
        chat.pty.quiet(0.3)
        chat.send(LIGHT[1])
        chat.send(b"x")
        chat.pty.quiet()
        assert light not in chat.pty.all
        chat.send(b"\x15")
        chat.quit()
    with Chat(env={"COLORFGBG": "0;15"}) as chat:
        chat.start()
        assert dark not in chat.pty.all and light in chat.pty.all
        chat.quit()


@tap.case
def a_dark_theme_is_painted_on_a_light_terminal():
    """Catches light text on a light background."""
    with Chat(("--theme", "dark"), replies=[LIGHT, FENCE]) as chat:
        chat.start()
        after = chat.pty.all.split(b"\033[c", 1)[1]
        assert b"48;5;234m" in after, after
        chat.quit()


@tap.case
def themes_by_command():
    """Catches a checker that says nothing, or exits with 0 all the same."""
    with Home() as home:
        home.env["FIKR_SHARE"] = SRC
        status, out, _ = home.run("theme", "list")
        names = out.decode().split()
        assert status == 0 and names[0] == "auto" and len(names) >= 9
        status, out, _ = home.run("theme", "check", *names[1:])
        assert status == 0 and b"warning" not in out, out
        status, out, _ = home.run("theme", "show", "paper")
        assert status == 0 and b"\033" not in out and b"code-block" in out
        bad = home.file("bad.yaml", "styles:\n  txt: {fg: red}\n"
                        "  dim: {fg: pink}\n")
        status, out, _ = home.run("theme", "check", bad)
        assert status == 1, status
        assert b"bad.yaml:2: txt: there is no role" in out, out
        assert b"bad.yaml:3: dim: \"pink\"" in out, out
        assert home.run("theme", "check")[0] == 2
        assert home.run("theme")[0] == 2


# ---- calling back ----

@tap.case
def a_bell_for_who_is_not_looking():
    """Catches a bell for somebody who looks, and none for somebody who does
    not."""
    for how, sign in (("bell", b"\007"), ("osc9", b"\033]9;gate long 2\007"),
                      ("off", None)):
        with Chat() as chat:
            chat.pty.close()
            chat.home.file("config/fikr/config.yaml",
                           "notify: %s\nnotify-after: 0\n" % how)
            chat.pty = Pty(chat.argv, chat.home.env, replies=MODERN)
            chat.start()
            chat.send(b"\033[Igate long 2\r")
            chat.see("reading")
            chat.home.file("gate")
            chat.see("number 2")
            chat.pty.quiet()
            bells = re.sub(rb"\033\][^\007]*\007", b"", chat.pty.got)
            assert b"\007" not in bells and b"]9;" not in chat.pty.got
            chat.send(b"\033[Ogate long 2\r")
            chat.see("reading")
            chat.home.file("gate")
            chat.see("number 2")
            chat.pty.quiet()
            rung = re.sub(rb"\033\]2;[^\007]*\007", b"", chat.pty.got)
            assert (sign or b"\007") in rung if sign else \
                b"\007" not in rung, rung[-300:]
            chat.quit()


# ---- doctor ----

CURSOR = b"\033[6n"


def doctor_on_a_terminal(replies, env=None):
    with Chat() as chat:
        chat.pty.close()
        chat.home.env.update(env or {})
        chat.pty = Pty([program("fikr"), "doctor", "-m", "m.gguf"],
                       chat.home.env, replies=replies)
        status = chat.pty.wait()
        chat.restored()
        return status, chat.pty.all.decode("utf-8", "replace")


@tap.case
def doctor_asks_the_terminal():
    """Catches probes that are not understood, and a terminal left raw."""
    widths = [2, 2, 1, 6, 2, 1, 4]
    status, out = doctor_on_a_terminal(
        MODERN + [(CURSOR, b"\033[1;%dR" % (n + 1)) for n in widths])
    assert status == 0, out
    for line in ("terminal TERM: xterm-256color", "terminal answers: 62;22",
                 "terminal synchronized output: yes",
                 "terminal kitty's keys: yes",
                 "terminal background: #1a1b26", "terminal size: 80x24",
                 "terminal width of CJK: 2\r",
                 "terminal width of Arabic: 4\r"):
        assert line in out, (line, out)
    assert re.search(r"new emoji: note: 1, where fikr counts 2", out), out


@tap.case
def doctor_of_a_silent_terminal():
    """Pitfall 25: doctor waits for an answer that does not come."""
    status, out = doctor_on_a_terminal([])
    assert status == 0 and "none within a second" in out, out
    status, out = doctor_on_a_terminal([], {"TERM": "dumb"})
    assert status == 0 and "\033" not in out and "cannot place" in out, out


@tap.case
def doctor_without_a_terminal():
    """Catches doctor in a script: no questions, JSON that parses, and 1 when
    something needed is missing."""
    with Home() as home:
        home.env["FIKR_SHARE"] = SRC
        home.file("data/fikr/models/m.gguf")
        status, out, err = home.run("doctor", "-m", "m.gguf")
        assert status == 0 and b"\033" not in out, (out, err)
        assert b"so none was asked" in out
        status, out, err = home.run("doctor", "--json")
        facts = json.loads(out)
        assert status == 1, out
        assert [f["name"] for f in facts
                if f["verdict"] == "missing"] == ["model"]
        home.file("config/fikr/config.yaml", "modell: x\n")
        home.file("config/fikr/keys.yaml", "- 3\n")
        home.file("config/fikr/themes/mine.yaml", "styles: {txt: {}}\n")
        status, out, err = home.run("doctor", "-m", "m.gguf")
        assert status == 1
        for what in (b"config.yaml:1", b"keys.yaml:1", b"mine.yaml:1"):
            assert what in out, (what, out)


# ---- pitfall 2, 4, 14: keys of the whole program ----

@tap.case
def escape_does_not_eat_the_next_key():
    """Pitfall 2: Esc and then a letter, typed."""
    with Chat() as chat:
        chat.start()
        chat.send(b"abc")
        chat.see("abc")
        time.sleep(0.3)
        chat.send(b"\033")
        time.sleep(0.3)
        chat.send(b"d")
        assert chat.pty.until(lambda: b"d" in shown(chat)), "no d"
        chat.send(b"\x15")
        chat.pty.quiet()
        chat.quit()


@tap.case
def reports_of_the_mouse_are_not_typed():
    """Pitfall 4, 14: SGR reports, wheel, arrows and function keys, in one
    packet and byte by byte."""
    keys = (b"\033[<64;10;10M\033[<0;5;5M\033[<0;5;5m\033[<32;6;5M"
            b"\033[1;5C\033OA\033[24~")
    with Chat() as chat:
        chat.start()
        chat.send(keys)
        chat.pty.quiet()
        for c in keys:
            os.write(chat.pty.master, bytes([c]))
            chat.pty.read(0.005)
        chat.pty.quiet()
        text = shown(chat)
        assert b"10M" not in text and b"5C" not in text, text
        chat.send(b"\x15")
        chat.pty.quiet()
        chat.quit()


if __name__ == "__main__":
    if sys.argv[1:]:  # only those whose name has such a word in it
        tap.cases = [c for c in tap.cases
                     if any(w in c[0] for w in sys.argv[1:])]
    sys.exit(tap.run())
