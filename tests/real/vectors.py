#!/usr/bin/env python3
"""Recorded truth from outside the product, where it lies beside the tree
(FIKR_VECTORS, or ../shared): logits of tiny models and token ids of real
vocabularies.  Skips aloud where it is missing."""
import os, subprocess, sys, tempfile
from tap import *

tap = Tap()
HOME = os.environ.get("FIKR_VECTORS") or os.path.join(SRC, "../shared")
ENGINE = program("fikr-engine")


def some(check, folder, names, ending):
    """Run a check on links to some of the recorded files."""
    with tempfile.TemporaryDirectory() as d:
        for n in names:
            for e in ending:
                os.symlink(os.path.abspath(os.path.join(
                    HOME, "vectors", folder, n + e)), os.path.join(d, n + e))
        extra = [d, d]
        if folder == "arch":
            import json
            man = json.load(open(os.path.join(HOME, "vectors/arch",
                                              "manifest.json")))
            json.dump({n: man[n] for n in names},
                      open(os.path.join(d, "manifest.json"), "w"))
            extra = [d]
        r = subprocess.run([sys.executable, os.path.join(HOME, "tools", check),
                            ENGINE, *extra], capture_output=True)
        assert r.returncode == 0, r.stdout.decode()[-900:]


def architectures():
    """One case each; none are there where the vectors are missing."""
    folder = os.path.join(HOME, "vectors", "arch")
    for f in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        name, ending = os.path.splitext(f)
        if ending == ".gguf":
            tap.add("logits of " + name, lambda name=name: some(
                "check-arch", "arch", [name], [".gguf", ".logits.f32"]))


def vocabularies():
    folder = os.path.join(HOME, "vectors", "tokenizers")
    for f in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        name, ending = os.path.splitext(f)
        if ending == ".gguf":
            tap.add("ids of " + name, lambda name=name: some(
                "check-tokenizers", "tokenizers", [name],
                [".gguf", ".jsonl"]))


architectures()
vocabularies()


@tap.case
def prompts_as_the_models_templates_give_them():
    r = subprocess.run([sys.executable, os.path.join(HOME,
                        "tools/check-templates"), ENGINE],
                       capture_output=True)
    assert r.returncode == 0, r.stdout.decode()[-900:]


raise SystemExit(tap.run([
    ("no recorded vectors at " + HOME + " (FIKR_VECTORS)",
     os.path.exists(os.path.join(HOME, "tools/check-arch")))]))
