#!/usr/bin/env python3
"""record.py -- measure with build/fikr-engine and keep the figures.

    bench/record.py NAME -m MODEL -p 512 -n 64 -d 4096 -r 5 --peer COMMAND

Options are those of `fikr-engine bench`.  Writes bench/results/NAME.json: an
object with the commit, a word on the peer (--peer-name) and the tests.  Paths
of this machine are not kept."""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)


def git(*args):
    return subprocess.run(["git", "-C", TOP, *args], check=True, text=True,
                          capture_output=True).stdout.strip()


def main():
    a = argparse.ArgumentParser(allow_abbrev=False)
    a.add_argument("name")
    a.add_argument("--peer-name", default="")
    o, rest = a.parse_known_args()
    engine = os.path.join(TOP, "build", "fikr-engine")
    r = subprocess.run([engine, "bench", "--json", *rest],
                       stdout=subprocess.PIPE)
    if r.returncode:
        return r.returncode
    tests = json.loads(r.stdout)
    for t in tests:
        t["model_filename"] = os.path.basename(t["model_filename"])
        if "peer" in t:
            t["peer"] = o.peer_name or os.path.basename(t["peer"].split()[0])
    dirty = git("status", "--porcelain", "--untracked-files=no", "engine")
    kept = {"commit": git("rev-parse", "--short=10", "HEAD") +
            (" and changes" if dirty else ""), "tests": tests}
    path = os.path.join(HERE, "results", o.name + ".json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        json.dump(kept, f, indent=1)
        f.write("\n")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
