#!/usr/bin/env python3
"""store.py -- what saved conversations cost: searching, listing, opening one
again, playing one.

    ./run bench store [MESSAGES [LISTED]]

MESSAGES (100 000) are searched, LISTED (1 000 000) are listed; 4000 tokens are
opened again, with and without what was kept of them."""

import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.setdefault("BUILDDIR", os.path.join(TOP, "build"))

PARTS = [
    ("Searching and listing", [os.path.join(BUILD, "store_bench")] +
     sys.argv[1:]),
    ("Opening again", [sys.executable, os.path.join(TOP, "tests",
                                                    "reopen.py"), "bench"]),
    ("Playing", [os.path.join(BUILD, "replay_bench")]),
]


def main():
    bad = 0
    for title, command in PARTS:
        print("\n%s\n" % title, flush=True)
        bad |= subprocess.run(command).returncode
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
