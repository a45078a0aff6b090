"""check_recorded.py DIR: this reference against logits recorded elsewhere
(DIR/manifest.json, NAME.gguf, NAME.logits.f32).  Where these come from a table
of GELU in half precision (gemma3), the error is about 1e-7."""

import json
import os
import sys

import numpy as np

from model import Model


def main():
    folder, bad = sys.argv[1], 0
    with open(os.path.join(folder, "manifest.json")) as f:
        manifest = json.load(f)
    for name, m in sorted(manifest.items()):
        stem = os.path.join(folder, name)
        want = np.fromfile(stem + ".logits.f32", "<f4").astype(np.float64)
        model = Model.load(stem + ".gguf")
        got = model.logits(m["tokens"]).reshape(-1)
        error = ((got - want) ** 2).sum() / (want ** 2).sum()
        bad += error > (1e-6 if model.arch == "gemma3" else 1e-8)
        print("%-24s %.1e  closest choice of experts %.1e" %
              (name, error, model.margin))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
