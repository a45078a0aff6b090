"""fuzz_arch.py [OPTION]... ENGINE ARCH...

Random models of an architecture, within its rules, and random prompts: does
`ENGINE logits` agree with the reference?  Every disagreement is shown with its
seed and dimensions; the same seed makes the same model again (--first SEED
-n 1 --keep FOLDER leaves its file there).  Needs numpy."""

import argparse
import os
import random
import shlex
import subprocess
import sys
import tempfile

import numpy as np

import gguf_read
import gguf_write
import tiny
from gguf_write import F16, F32, Q8_0
from make_vectors import CACHES, difference
from model import Model

ARCHS = ["llama", "mixtral", "qwen2", "qwen3", "qwen3moe", "gemma3",
         "deepseek2"]
LENGTHS = [1, 2, 17, 64, 65, 150, 300, 700]
BIASES = ["attn_q", "attn_k", "attn_v", "attn_output"]
GOOD = ("agrees", "too close to call")
CLOSE = 2e-5    # a choice of experts that rounding may turn


def common(r):
    heads_kv = r.choice([1, 1, 2, 3, 5])
    return {"layers": r.choice([1, 1, 2, 3]), "kv": heads_kv,
            "heads": heads_kv * r.choice([1, 2, 3, 5, 7]),
            "head_dim": 2 * r.randint(3, 20), "embd": r.randint(4, 100),
            "ff": r.randint(3, 130), "vocab": r.randint(20, 200),
            "base": r.choice([1e4, 1e6, 5e5, 123.0]),
            "eps": r.choice([1e-6, 1e-5]), "tied": r.random() < 0.3,
            "wide": r.choice([F16, F32]), "ctx": 1024}


def scaling(r, kinds=("linear", "yarn", "none")):
    if r.random() < 0.5:
        return None
    kind = r.choice(kinds)
    return (kind, r.choice([1.0, 2.0, 4.0, 40.0, 1.7]),
            r.choice([8, 32, 64, 256]) if kind == "yarn" else None)


def llama(r):
    d = common(r)
    if r.random() < 0.3:
        d["embd"], d["head_dim"] = d["heads"] * d["head_dim"], None
    width = d["head_dim"] or d["embd"] // d["heads"]
    if r.random() < 0.3:
        d["rope_dim"] = 2 * r.randint(1, width // 2)
    elif r.random() < 0.3 and d["head_dim"]:
        d["value_dim"] = r.randint(3, 40)
    d["scaling"] = scaling(r)
    d["rope_freqs"] = r.random() < 0.3
    d["bias"] = [b for b in BIASES if r.random() < 0.3]
    if r.random() < 0.2:
        d["extra"] = {"attention.scale": r.choice([0.1, 0.3, 1.0])}
    return "llama", d


def experts(r, d):
    d["experts"] = r.randint(2, 12)
    d["used"] = r.randint(1, min(d["experts"], 5))


def mixtral(r):
    _, d = llama(r)
    experts(r, d)
    return "llama", d


def qwen2(r):
    d = common(r)
    d["bias"] = BIASES[:3]
    d["scaling"] = scaling(r)
    return "qwen2", d


def qwen3(r):
    d = common(r)
    d["scaling"] = scaling(r)
    return "qwen3", d


def qwen3moe(r):
    d = common(r)
    d["scaling"] = scaling(r)
    experts(r, d)
    d["expert_ff"] = r.randint(3, 60)
    return "qwen3moe", d


def gemma3(r):
    d = common(r)
    d["tied"] = True
    d["layers"] = r.choice([2, 7, 8, 13])
    d["base"] = r.choice([1e4, 1e6])
    d["scaling"] = scaling(r, ("linear",))
    d["extra"] = {"attention.sliding_window": r.choice([1, 2, 5, 16, 33, 300,
                                                    400])}
    if r.random() < 0.2:
        d["extra"]["attention.sliding_window_pattern"] = r.randint(1, 5)
    if r.random() < 0.2:
        d["extra"]["rope.freq_base_swa"] = r.choice([5e3, 123.0])
    if r.random() < 0.3:
        d["extra"]["final_logit_softcapping"] = r.choice([5.0, 30.0])
    return "gemma3", d


def deepseek2(r):
    d = common(r)
    d.update(head_dim=None, layers=r.choice([1, 2, 3]),
             heads=r.choice([1, 2, 3, 4, 5, 7]),
             q_lora=r.choice([None, r.randint(4, 50)]),
             kv_lora=r.randint(4, 70), nope=r.randint(2, 40),
             rope_dim=2 * r.randint(1, 16), value=r.randint(3, 40),
             joint=r.random() < 0.3, dense_lead=r.choice([0, 1, 1, 2]),
             shared=r.choice([1, 1, 2]), norm=r.random() < 0.5,
             gate=r.choice([None, "softmax", "sigmoid", "sigmoid"]),
             weights_scale=r.choice([1.0, 2.5]), bias_b=r.random() < 0.6,
             expert_ff=r.randint(3, 60), bias=())
    d["dense_lead"] = min(d["dense_lead"], d["layers"])
    experts(r, d)
    if r.random() < 0.4:
        d["groups"] = r.choice([2, 3, 4])
        d["experts"] = d["groups"] * r.randint(2, 4)
        d["groups_used"] = r.randint(1, d["groups"])
        d["used"] = r.randint(1, d["groups_used"] * d["experts"] //
                              d["groups"])
    if r.random() < 0.5:
        d["scaling"] = ("yarn", r.choice([2.0, 40.0]), r.choice([16, 64]))
        d["log_mul"] = r.choice([0.0707, 0.1])
    if r.random() < 0.2 and d["layers"] > 1:
        d["nextn"] = 1
    return "deepseek2", d


def aligned(d, step):
    """The same with every row of every matrix a multiple of step."""
    for name in ("embd", "ff", "expert_ff", "head_dim", "value_dim", "q_lora",
                 "kv_lora", "nope", "value"):
        if d.get(name):
            d[name] += -d[name] % step
    if not d["head_dim"] and "nope" not in d:
        width = d["embd"] // d["heads"]
        d["embd"] = d["heads"] * (width + -width % step)
    return d


def engine_logits(engine, path, tokens, options):
    """[positions][vocabulary], or what the engine says."""
    p = subprocess.run(
        engine + ["logits", *options, "--tokens",
                  ",".join(map(str, tokens)), path], capture_output=True)
    if p.returncode:
        return "exit %d: %s" % (p.returncode,
                                p.stderr.decode(errors="replace").strip())
    got = np.frombuffer(p.stdout, "<f4").astype(np.float64)
    if len(got) % len(tokens):
        return "%d values for %d positions" % (len(got), len(tokens))
    return got.reshape(len(tokens), -1)


def adapter(r, made, seed, path):
    """For some of the matrices of the trunk, written to path."""
    trunk = made.d["layers"] - made.d.get("nextn", 0)
    names = [t.name for t in made.tensors
             if len(t.ne) > 1 and t.name != "token_embd.weight" and
             not t.name.startswith("blk.%d." % trunk)]
    names = [n for n in names if r.random() < 0.4] or names[:1]
    gguf_write.write(path, *tiny.adapter(made, seed, names,
                                         rank=r.choice([1, 2, 5, 8])))


class Case:
    """A model, a prompt and maybe an adapter of one seed."""

    def __init__(self, kind, seed, folder, o):
        r = random.Random("%s %d" % (kind, seed))
        arch, self.dims = globals()[kind](r)
        self.dims = aligned(self.dims, o.step)
        if o.q8:
            self.dims["wide"] = Q8_0
        self.tokens = [r.randrange(self.dims["vocab"])
                       for _ in range(r.choice(LENGTHS))]
        self.stem = os.path.join(folder, "%s-%d" % (kind, seed))
        self.kv, self.lora = o.kv, o.lora
        made = tiny.Tiny(arch, seed, **self.dims)
        gguf_write.write(self.stem + ".gguf", made.keys, made.tensors)
        if o.lora:
            adapter(r, made, seed, self.stem + ".lora.gguf")
        self.said = "%s %d, %d tokens, %s" % (kind, seed, len(self.tokens),
                                              self.dims)

    def wanted(self, keep=None):
        model = Model.load(self.stem + ".gguf")
        model.keep = keep or model.keep
        if self.lora:
            model.merge(*gguf_read.read(self.stem + ".lora.gguf"))
        return model.logits(self.tokens), model

    def allowed(self, want, bound):
        """Twenty times what the reference loses with such a cache; rows of a
        few values may share a factor with others that are larger."""
        if self.kv == "f32":
            return bound
        lost = difference(self.wanted(CACHES[self.kv])[0], want)
        return max(bound, 1e-3 if self.kv == "q8_0" else 0, 20 * lost)

    def drop(self):
        for end in (".gguf", ".lora.gguf"):
            if os.path.exists(self.stem + end):
                os.unlink(self.stem + end)


def one(c, engine, options, bound):
    """Name of the outcome, and what to say about it."""
    want, model = c.wanted()
    if c.lora:
        options = options + ["--lora", c.stem + ".lora.gguf"]
    got = engine_logits(engine, c.stem + ".gguf", c.tokens, options)
    if isinstance(got, str):
        return "refused", "%s: %s" % (got, c.said)
    if got.shape != want.shape:
        return "wrong shape", "%s: %s" % (got.shape, c.said)
    bound = c.allowed(want, bound)
    each = ((got - want) ** 2).sum(axis=1) / (want ** 2).sum(axis=1)
    error = difference(got, want)
    if error < bound:
        return "agrees", "%.1e: %s" % (error, c.said)
    close = max(CLOSE, bound ** 0.5 if bound > 1e-7 else 0)
    few = len(each) <= 2        # no median to speak of
    if model.margin < close and (few or np.median(each) < bound):
        return "too close to call", "%.1e: %s" % (error, c.said)
    return "DIFFERS", "%.1e from position %d: %s" % (
        error, int((each > bound).argmax()), c.said)


def options():
    a = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawTextHelpFormatter)
    a.add_argument("-n", type=int, default=20, help="models of each")
    a.add_argument("--first", type=int, default=1)
    a.add_argument("--kv", default="f32")
    a.add_argument("--decode", action="store_true")
    a.add_argument("--lora", action="store_true", help="with an adapter")
    a.add_argument("--q8", action="store_true", help="matrices in Q8_0")
    a.add_argument("--bound", type=float)
    a.add_argument("--step", type=int, default=1,
                   help="make widths a multiple of this")
    a.add_argument("--keep", metavar="FOLDER")
    a.add_argument("--verbose", action="store_true")
    a.add_argument("engine", type=shlex.split)
    a.add_argument("arch", nargs="*", default=ARCHS)
    o = a.parse_args()
    o.step = 32 if o.q8 else o.step
    # an adapter of attn_kv_b is merged into its own type
    o.bound = o.bound or (5e-3 if o.q8 else 1e-6 if o.lora else 1e-8)
    return o


def run(kind, o, folder):
    """How many were bad."""
    tally = {}
    for seed in range(o.first, o.first + o.n):
        c = Case(kind, seed, folder, o)
        outcome, said = one(c, o.engine, ["--kv", o.kv] + (
            ["--decode"] if o.decode else []), o.bound)
        tally[outcome] = tally.get(outcome, 0) + 1
        if o.verbose or outcome not in GOOD:
            print(outcome, said, flush=True)
        if not o.keep:
            c.drop()
    print("%s: %s" % (kind, ", ".join("%d %s" % (n, what) for what, n in
                                      sorted(tally.items()))), flush=True)
    return sum(n for what, n in tally.items() if what not in GOOD)


def main():
    o = options()
    with tempfile.TemporaryDirectory() as scratch:
        bad = sum([run(kind, o, o.keep or scratch) for kind in o.arch])
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
