"""make_vectors.py [NAME...]: compute tests/vectors/arch anew: what the
reference says about the models of models.py.  Needs numpy.  In that folder:

manifest.json       for each name: the seed, the SHA-256 of the model's file,
                    the positions whose scores are recorded, and how far a
                    rounded cache may be off
NAME.logits.f32     float32, little-endian, [positions][vocabulary]
NAME.lora.f32       the same with the model's adapter merged in

Of the seeds tried the first is taken that keeps every choice of experts clear
of rounding."""

import hashlib
import json
import os
import sys
import tempfile

import numpy as np

import gguf_read
import models
from gguf_write import Q8_0
from model import Model

CLEAR = 3e-5        # between the last expert chosen and the first that is not
CLEAR_8_BITS = 1e-2 # the same where activations lose as much
SEEDS = 200
KEPT = 9            # positions recorded


def q8_0(x):
    """Groups of 32 in 8 bits with one factor."""
    flat = x.reshape(-1, x.shape[-1])
    pad = -flat.shape[1] % 32
    g = np.pad(flat, ((0, 0), (0, pad))).reshape(-1, 32)
    d = np.abs(g).max(axis=1, keepdims=True) / 127
    g = np.round(g / np.where(d > 0, d, 1)) * d
    return g.reshape(len(flat), -1)[:, :flat.shape[1]].reshape(x.shape)


CACHES = {"f16": lambda x: x.astype(np.float16).astype(np.float64),
          "q8_0": q8_0}


def difference(a, b):
    return float(((a - b) ** 2).sum() / (b ** 2).sum())


def positions(n):
    """Spread over the prompt, with both ends."""
    return sorted({round(i * (n - 1) / (KEPT - 1)) for i in range(KEPT)})


class Attempt:
    def __init__(self, name, seed, folder):
        self.name = name
        self.path, self.lora, self.made = models.write(name, seed, folder)
        self.tokens = models.prompt(name, seed)
        self.logits, self.model = self.compute()
        self.bits8 = self.made.d["wide"] == Q8_0

    def compute(self, keep=None, adapter=None):
        model = Model.load(self.path)
        model.keep = keep or model.keep
        if adapter:
            model.merge(*gguf_read.read(adapter), models.LORA_SCALE)
        return model.logits(self.tokens), model

    def cache_errors(self):
        return {kv: difference(self.compute(keep)[0], self.logits)
                for kv, keep in CACHES.items()}

    def good(self):
        shunned = self.made.d.get("shunned")
        if shunned is not None:
            assert shunned not in {e for _, e in self.model.used}
        if self.model.margin < (CLEAR_8_BITS if self.bits8 else CLEAR):
            return False
        self.errors = self.cache_errors()
        return self.errors["f16"] < 1e-5 and self.errors["q8_0"] < 1e-2

    def digest(self):
        with open(self.path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()


def store(name, ending, logits, at):
    logits[at].astype("<f4").tofile(
        os.path.join(models.VECTORS, name + ending))


def found(name, folder):
    for seed in range(1, SEEDS):
        a = Attempt(name, seed, folder)
        if a.good():
            return seed, a
    raise SystemExit("no good seed for " + name)


def make(name, folder):
    seed, a = found(name, folder)
    at = positions(len(a.tokens))
    store(name, ".logits.f32", a.logits, at)
    print("%-20s seed %d, closest choice %.1e, f16 %.1e, q8_0 %.1e, %d bytes" %
          (name, seed, a.model.margin, a.errors["f16"], a.errors["q8_0"],
           os.path.getsize(a.path)))
    if a.lora:
        merged, model = a.compute(adapter=a.lora)
        assert model.margin > CLEAR / 3, model.margin
        store(name, ".lora.f32", merged, at)
        print("  its adapter changes the scores by %.1e" %
              difference(merged, a.logits))
    # Chance moves such errors by more than twice, seldom ten times.  Single
    # precision loses about 1e-12, activations in 8 bits as a cache in q8_0.
    exact = 1e-7 if not a.bits8 else max(3e-4, 10 * a.errors["q8_0"])
    return {"seed": seed, "sha256": a.digest(), "positions": at,
            "n_vocab": a.made.d["vocab"],
            "exact": float("%.1e" % exact),
            "f16": float("%.1e" % max(exact, 10 * a.errors["f16"])),
            "q8_0": float("%.1e" % max(1e-4, exact, 10 * a.errors["q8_0"]))}


def main():
    entries = models.manifest() if sys.argv[1:] else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or list(models.MODELS):
            entries[name] = make(name, folder)
    lines = ["%s: %s" % (json.dumps(n), json.dumps(e))
             for n, e in sorted(entries.items())]
    with open(os.path.join(models.VECTORS, "manifest.json"), "w") as f:
        f.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
