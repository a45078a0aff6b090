#!/usr/bin/env python3
"""Recorded truth from outside the product, where it lies beside the tree
(FIKR_VECTORS, or ../shared): logits of tiny models and token ids of real
vocabularies.  Skips aloud where it is missing."""
import json
import os
import subprocess
import sys
import tempfile

from tap import SRC, Tap, program

tap = Tap()
HOME = os.environ.get("FIKR_VECTORS") or os.path.join(SRC, "../shared")
ENGINE = program("fikr-engine")


def passes(check, *args):
    r = subprocess.run([sys.executable, os.path.join(HOME, "tools", check),
                        ENGINE, *args], capture_output=True)
    assert r.returncode == 0, r.stdout.decode()[-900:]


def checked(check, folder, name, endings):
    """Run a check on links to the recorded files of one model."""
    vectors = os.path.abspath(os.path.join(HOME, "vectors", folder))
    with tempfile.TemporaryDirectory() as d:
        for e in endings:
            os.symlink(os.path.join(vectors, name + e),
                       os.path.join(d, name + e))
        where = [d, d]
        if folder == "arch":
            with open(os.path.join(vectors, "manifest.json")) as f:
                said = json.load(f)[name]
            with open(os.path.join(d, "manifest.json"), "w") as f:
                json.dump({name: said}, f)
            where = [d]
        passes(check, *where)


def each(what, check, folder, ending):
    """One case a model; none are there where the vectors are missing."""
    path = os.path.join(HOME, "vectors", folder)
    for f in sorted(os.listdir(path) if os.path.isdir(path) else []):
        name, suffix = os.path.splitext(f)
        if suffix == ".gguf":
            tap.add("%s of %s" % (what, name), lambda name=name: checked(
                check, folder, name, [".gguf", ending]))


each("logits", "check-arch", "arch", ".logits.f32")
each("ids", "check-tokenizers", "tokenizers", ".jsonl")


@tap.case
def prompts_as_the_models_templates_give_them():
    passes("check-templates")


raise SystemExit(tap.run([
    ("no recorded vectors at " + HOME + " (FIKR_VECTORS)",
     os.path.exists(os.path.join(HOME, "tools/check-arch")))]))
