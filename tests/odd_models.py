#!/usr/bin/env python3
"""Models and adapters whose parts do not go together, or go together in an
unusual way.  Would catch a tensor of the file that is silently left out of
what is computed, and an adapter that is applied in part."""
import json
import os
import subprocess
import sys
import tempfile

from tap import SRC, Tap, program

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402
from gguf_write import F32, Tensor  # noqa: E402

LATENT = dict(embd=24, ff=20, heads=2, layers=2, q_lora=12, kv_lora=10, nope=6,
              rope_dim=4, value=8, experts=3, used=2, expert_ff=8, tied=True,
              vocab=67)
tap = Tap()
folder = tempfile.TemporaryDirectory(prefix="odd.")


def path(name):
    return os.path.join(folder.name, name)


def model(arch="deepseek2", **more):
    if arch == "deepseek2":
        more = {**LATENT, **more}
    return tiny.Tiny(arch, 3, **more)


def write(made):
    file = path("m.gguf")
    gguf_write.write(file, made.keys, made.tensors)
    return file


def run(made, *options):
    return subprocess.run([program("fikr-engine"), "logits", "--tokens",
                           "5,7,11,2", "--kv", "f32", *options, write(made)],
                          capture_output=True, timeout=60)


def scores(made, *options):
    r = run(made, *options)
    assert r.returncode == 0, r.stderr
    return r.stdout


def refused(made, words, *options):
    r = run(made, *options)
    said = r.stderr.decode()
    assert r.returncode == 1 and words in said, (r.returncode, said)
    return said


def add(made, name, ne):
    n = 1
    for x in ne:
        n *= x
    made.add(name, ne, F32, made.gauss(n, 0.5))


def drop(made, name):
    made.tensors = [t for t in made.tensors if t.name != name]


def adapter(made, name, arch="deepseek2"):
    """Of the model's tensor `name`, or what of that name has the shape ne."""
    n_in, n_out = next(t.ne for t in made.tensors if t.name == name)[:2] \
        if isinstance(name, str) else name[1]
    name = name if isinstance(name, str) else name[0]
    rank, a = 3, made.gauss
    file = path("a.gguf")
    gguf_write.write(
        file, {"general.architecture": arch, "general.type": "adapter",
               "adapter.type": "lora", "adapter.lora.alpha": 6.0},
        [Tensor(name + ".lora_a", [n_in, rank], F32, a(n_in * rank, 0.3)),
         Tensor(name + ".lora_b", [rank, n_out], F32, a(n_out * rank, 0.3))])
    return "--lora", file


@tap.case
def a_block_beyond_the_last_is_refused():
    m = model("llama", layers=3, vocab=67)
    m.set("block_count", 2)
    refused(m, "blk.2.attn_norm.weight")


@tap.case
def biases_that_nothing_adds_are_refused():
    m = model("llama", vocab=67)
    add(m, "token_embd.bias", [32])
    refused(m, "token_embd.bias")
    m = model(joint=True)
    add(m, "blk.1.attn_kv_b.bias", [28])
    refused(m, "bias of what layer 1")


@tap.case
def queries_are_whole_or_in_factors():
    m = model()
    add(m, "blk.0.attn_q.weight", [24, 20])
    refused(m, "blk.0.attn_q.weight beside")


@tap.case
def keys_and_values_of_the_latent_come_together():
    m = model(joint=True)
    add(m, "blk.1.attn_k_b.weight", [6, 10, 2])
    refused(m, "without the other")
    m = model()
    drop(m, "blk.1.attn_v_b.weight")
    refused(m, "without the other")
    drop(m, "blk.1.attn_k_b.weight")
    refused(m, "neither")


@tap.case
def what_is_there_jointly_and_apart_is_used_apart():
    want = scores(model())
    m = model()
    add(m, "blk.1.attn_kv_b.weight", [10, 28])
    assert scores(m) == want
    refused(m, "corrects blk.1.attn_kv_b.weight, which",
            *adapter(m, "blk.1.attn_kv_b.weight"))


@tap.case
def a_latent_may_be_wider_than_any_head():
    scores(model(kv_lora=1100, layers=1))
    refused(model("llama", head_dim=1026, heads=1, kv=1, vocab=67), "1026")


@tap.case
def an_adapter_of_the_joint_matrix_or_of_its_half_counts():
    m = model(joint=True)
    plain = scores(m)
    joint = scores(m, *adapter(m, "blk.1.attn_kv_b.weight"))
    half = scores(m, *adapter(m, ("blk.1.attn_k_b.weight", [6, 10])))
    assert len({plain, joint, half}) == 3


@tap.case
def an_adapter_of_a_block_that_drafts_changes_nothing():
    m = model(nextn=1, layers=3)
    assert scores(m) == scores(m, *adapter(m, "blk.2.attn_q_a.weight"))
    assert scores(m) == scores(m, *adapter(m, "blk.2.nextn.eh_proj.weight"))


@tap.case
def an_adapters_fault_is_not_said_of_the_model():
    m = model()
    said = refused(m, path("a.gguf"), *adapter(
        m, ("blk.0.attn_output.weight", [15, 24])))
    assert path("m.gguf") not in said, said
    said = refused(m, path("a.gguf"), *adapter(m, "blk.0.attn_q_a.weight",
                                               arch="llama"))
    assert path("m.gguf") not in said, said


def memory(made):
    p = subprocess.run([program("fikr-engine"), "inspect", "--json",
                        write(made)], capture_output=True, timeout=60)
    return json.loads(p.stdout)["memory"]


def size(made, *starts):
    return sum(len(t.data) for t in made.tensors if t.name.startswith(starts))


@tap.case
def memory_is_for_what_is_read_and_for_what_is_taken_apart():
    m = model(nextn=1, layers=3)
    got = memory(m)
    assert got["weights"] + got["experts"] == size(m, "") - size(m, "blk.2.")
    assert got["experts"] == size(m, "blk.1.ffn_gate_exps",
                                  "blk.1.ffn_up_exps", "blk.1.ffn_down_exps")
    copies = 2 * 2 * 2 * 10 * (6 + 8)    # layers, heads, F16
    assert memory(model(joint=True))["work"] - memory(model())["work"] == \
        copies


status = tap.run()
folder.cleanup()
raise SystemExit(status)
