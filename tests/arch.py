#!/usr/bin/env python3
"""Every architecture against an independent reference: tiny models of awkward
dimensions (tests/reference/models.py), whose scores tests/vectors/arch holds.
A misread key, a wrong pairing of rope, a window off by one, an expert's weight
taken at the wrong place: each changes scores by far more than is allowed."""
import array
import hashlib
import os
import subprocess
import sys
import tempfile

from tap import SRC, Tap, program

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import models  # noqa: E402

ENGINE = program("fikr-engine")
CLEAR_LEAD = 0.01   # of the top token, for it to be compared
tap = Tap()


class Recorded:
    """A model's file, and what the reference says of it."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.entry = models.manifest()[name]
        self.tokens = models.prompt(name, self.entry["seed"])
        self.file = self.lora = None

    def path(self):
        """Made when first needed."""
        if not self.file:
            self.file, self.lora, _ = models.write(
                self.name, self.entry["seed"], self.folder)
            with open(self.file, "rb") as f:
                assert hashlib.sha256(f.read()).hexdigest() == \
                    self.entry["sha256"], \
                    "the model made is not the one recorded"
        return self.file

    def rows(self, raw, at):
        a = array.array("f")
        a.frombytes(raw)
        if sys.byteorder == "big":
            a.byteswap()
        n = self.entry["n_vocab"]
        return [a[p * n:(p + 1) * n] for p in at]

    def want(self, ending):
        with open(os.path.join(models.VECTORS, self.name + ending),
                  "rb") as f:
            return self.rows(f.read(), range(len(self.entry["positions"])))

    def raw(self, tokens, *options, **env):
        p = subprocess.run(
            [ENGINE, "logits", *options, "--tokens",
             ",".join(map(str, tokens)), self.path()],
            capture_output=True, env={**os.environ, **env})
        assert p.returncode == 0, p.stderr.decode(errors="replace")
        size = len(tokens) * self.entry["n_vocab"] * 4
        assert len(p.stdout) == size, "%d bytes instead of %d" % (
            len(p.stdout), size)
        return p.stdout

    def got(self, *options, **env):
        return self.rows(self.raw(self.tokens, *options, **env),
                         self.entry["positions"])


def difference(got, want):
    """Of the mean square, per position the first that is off."""
    off = [sum((a - b) ** 2 for a, b in zip(g, w)) for g, w in zip(got, want)]
    size = [sum(b * b for b in w) for w in want]
    return sum(off) / sum(size), [o / s for o, s in zip(off, size)]


def top(row):
    return max(range(len(row)), key=row.__getitem__)


def compare(r, got, want, bound, same_top):
    error, each = difference(got, want)
    assert error < bound, "error %.1e, allowed %.1e; %s" % (
        error, bound, " ".join("%d: %.0e" % (p, e) for p, e in
                               zip(r.entry["positions"], each)))
    for p, g, w in zip(r.entry["positions"], got, want):
        first, second = sorted(w)[:-3:-1]
        if same_top and first - second > CLEAR_LEAD:
            assert top(g) == top(w), "another token at position %d" % p


def check(r, options, ending=".logits.f32", bound="exact", **env):
    compare(r, r.got(*options, **env), r.want(ending), r.entry[bound],
            r.entry[bound] <= 1e-6)


def add(r):
    def case(what, *args, **more):
        tap.add("%s: %s" % (r.name, what), lambda: check(r, *args, **more))

    def adapted():
        r.path()        # makes the adapter too
        check(r, ["--kv", "f32", "--lora", "%s=%g" % (
            r.lora, models.LORA_SCALE)], ".lora.f32")

    def few():
        # up to 16 at once, where a single bit more would be one too many
        tokens = r.tokens[:16]
        assert r.raw(tokens) == r.raw(tokens, "--decode"), \
            "tokens at once are not what they are one by one"

    case("a batch", ["--kv", "f32"])
    case("plain kernels", ["--kv", "f32"], FIKR_CPU="scalar")
    case("token by token", ["--kv", "f32", "--decode"])
    if r.name.endswith("-q8"):
        case("a batch in 8 bits", ["--kv", "f32"], FIKR_PANELS="on")
    tap.add(r.name + ": a few tokens at once", few)
    # allowed: ten times what the reference loses with such a cache
    case("cache in f16", ["--kv", "f16"], bound="f16")
    case("cache in q8_0", ["--kv", "q8_0"], bound="q8_0")
    if r.name in models.ADAPTERS:
        tap.add(r.name + ": an adapter", adapted)


with tempfile.TemporaryDirectory() as scratch:
    for model in models.manifest():
        add(Recorded(model, scratch))
    status = tap.run()
raise SystemExit(status)
