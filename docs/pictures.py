#!/usr/bin/env python3
"""Make the pictures of the README from the real program: fikr in tmux, with
the real worker and a real model.  Run by `./run pictures`.

    docs/pictures.py [NAME...]      screen, arabic, statistics, panes, light

FIKR_PICTURE_MODEL is a better model than the default one, if there is one.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests"))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "real"))
from tap import Home, program
from tmux import Tmux

MODEL = os.environ.get("FIKR_PICTURE_MODEL", "")
READY = " ready "
READY_ARABIC = "\ufeb0\ufeeb\ufe8e\ufe9f"     # as the terminal shows it


class Scene:
    def __init__(self, w, h, *options, ready=READY):
        self.home = Home(model=True)
        self.home.__enter__()
        for line in options:
            self.home.file("config/fikr/config.yaml", line)
        command = "env COLORTERM=truecolor " + program("fikr")
        self.word = ready
        if MODEL:
            command += " -m " + MODEL
        self.term = Tmux(self.home, command, w, h)
        self.term.tmux("set", "-g", "default-terminal", "tmux-256color",
                       check=False)
        self.ready()

    def ready(self):
        self.term.see(self.word, 180)

    def say(self, text):
        self.term.type(text)
        time.sleep(0.3)
        self.term.keys("Enter")
        time.sleep(1)
        self.ready()
        time.sleep(0.5)

    def save(self, name, *how):
        ansi = self.term.tmux("capture-pane", "-e", "-p", "-N")
        svg = subprocess.run([sys.executable, HERE + "/picture.py", *how],
                             input=ansi, capture_output=True, text=True,
                             check=True).stdout
        with open("%s/%s.svg" % (HERE, name), "w") as f:
            f.write(svg)
        print("docs/%s.svg" % name, flush=True)

    def end(self):
        self.term.tmux("kill-server", check=False)
        self.home.__exit__()


def screen():
    s = Scene(100, 44)
    s.say("I buy 3 pens at 2 euros each and a book for 7 euros, and pay "
          "with 20 euros. How much do I get back?")
    s.save("screen")
    s.end()


def panes():
    s = Scene(150, 36)
    s.say("Write a Python function that tells whether a number is prime.")
    s.term.keys("F3")
    time.sleep(1)
    s.save("panes")
    s.end()


def statistics():
    s = Scene(100, 30)
    s.say("Explain why the sky is blue, in five sentences.")
    s.term.keys("F9")
    time.sleep(3)
    s.save("statistics")
    s.end()


def arabic():
    s = Scene(100, 30, "language: ar\n", ready=READY_ARABIC)
    s.say("كم يساوي 7 × 8؟ أجب باختصار.")
    s.save("arabic")
    s.end()


def light():
    s = Scene(100, 30, "theme: light\n")
    s.say("Name three rivers of Europe as a list.")
    s.save("light", "--light")
    s.end()


ALL = (screen, panes, statistics, arabic, light)
for scene in ALL:
    if not sys.argv[1:] or scene.__name__ in sys.argv[1:]:
        scene()
