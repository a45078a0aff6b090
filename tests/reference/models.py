"""The models of tests/vectors/arch: awkward dimensions on purpose.  Files are
made when they are needed, from nothing but this table and a seed:

    python3 models.py NAME FOLDER       writes NAME.gguf and NAME.lora.gguf"""

import json
import os
import random
import sys

import gguf_write
import tiny
from gguf_write import Q8_0

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                       "vectors", "arch")
LORA_SCALE = 0.75
# name: architecture, length of the prompt, dimensions
MODELS = {
    # one key head, heads narrower than the model divided, nothing a power of 2
    "llama-mqa-odd": ("llama", 40, dict(
        embd=40, ff=72, heads=7, kv=1, head_dim=12, tied=True)),
    # a bias on all projections, stretched rope
    "llama-bias": ("llama", 40, dict(
        embd=36, ff=33, heads=6, kv=3, head_dim=10,
        bias=("attn_q", "attn_k", "attn_v", "attn_output"),
        scaling=("linear", 2.5, None))),
    # an own scale of the scores, which this architecture may have
    "llama-scale": ("llama", 20, dict(
        embd=24, ff=20, heads=2, kv=1, head_dim=14, layers=1, tied=True,
        vocab=67, extra={"attention.scale": 0.4})),
    # Llama 3.1's divisors, heads as wide as the model says
    "llama-freqs": ("llama", 50, dict(
        embd=90, ff=45, heads=3, kv=3, base=500000.0, rope_freqs=True,
        layers=1, tied=True, vocab=61)),
    # well beyond the context before stretching; several batches of the engine
    "llama-yarn": ("llama", 200, dict(
        embd=30, ff=50, heads=5, kv=5, head_dim=14,
        scaling=("yarn", 8.0, 24), tied=True)),
    "mixtral": ("llama", 30, dict(
        embd=40, ff=24, heads=6, kv=2, head_dim=8, experts=5, used=2,
        tied=True)),
    "qwen2-yarn": ("qwen2", 120, dict(
        embd=42, ff=27, heads=7, kv=1, bias=("attn_q", "attn_k", "attn_v"),
        base=1000000.0, scaling=("yarn", 4.0, 32), tied=True,
        extra={"rope.scaling.attn_factor": 1.25})),
    "qwen3": ("qwen3", 40, dict(
        embd=40, ff=56, heads=3, kv=1, head_dim=24, layers=3,
        base=1000000.0, tied=True)),
    "qwen3moe": ("qwen3moe", 40, dict(
        embd=36, heads=10, kv=5, head_dim=6, experts=9, used=3, expert_ff=14,
        base=1000000.0, tied=True)),
    # eight windows long; the one global layer has the stretched rope
    "gemma3-7": ("gemma3", 40, dict(
        embd=40, ff=26, heads=3, kv=1, head_dim=12, layers=7, base=1000000.0,
        scaling=("linear", 8.0, None), tied=True,
        extra={"attention.sliding_window": 5})),
    # two global layers, a window that no batch is a multiple of, a soft cap
    "gemma3-13": ("gemma3", 300, dict(
        embd=24, ff=18, heads=2, kv=2, head_dim=10, layers=13,
        base=1000000.0, tied=True, vocab=67,
        extra={"attention.sliding_window": 23,
               "final_logit_softcapping": 5.0})),
    # the 27B, known by its layers, has another scale of the scores
    "gemma3-62": ("gemma3", 30, dict(
        embd=12, ff=6, heads=3, kv=1, head_dim=6, layers=62, base=1000000.0,
        tied=True, vocab=67, extra={"attention.sliding_window": 16})),
    # V2-Lite: no q_lora, and the joint tensor of older files
    "deepseek-v2-lite": ("deepseek2", 90, dict(
        embd=12, ff=10, heads=3, layers=27, kv_lora=8, nope=4, rope_dim=4,
        value=5, joint=True, experts=4, used=2, expert_ff=4, shared=2,
        gate="softmax", norm=False, weights_scale=1.0, bias_b=False, tied=True,
        vocab=67, scaling=("yarn", 40.0, 16), log_mul=0.0707)),
    # groups of experts, one of which nobody ever chooses
    "deepseek-v3": ("deepseek2", 100, dict(
        embd=40, ff=30, heads=5, layers=3, q_lora=22, kv_lora=20,
        nope=10, rope_dim=6, value=14, experts=12, used=3, expert_ff=10,
        groups=4, groups_used=2, shunned=7, tied=True,
        scaling=("yarn", 40.0, 16), log_mul=0.1)),
    # the joint tensor again, and a block that predicts further ahead
    "deepseek-joint-mtp": ("deepseek2", 40, dict(
        embd=36, ff=22, heads=3, layers=4, q_lora=17, kv_lora=14, nope=10,
        rope_dim=8, value=11, joint=True, experts=6, used=2, expert_ff=9,
        nextn=1, weights_scale=1.5, tied=True)),
    # no dense block, one head, softmax with its weights made 1 in sum
    "deepseek-softmax": ("deepseek2", 40, dict(
        embd=34, ff=20, heads=1, layers=2, q_lora=12, kv_lora=33, nope=13,
        rope_dim=10, value=7, dense_lead=0, experts=7, used=5, expert_ff=11,
        shared=3, gate=None, bias_b=False, tied=True)),
    # V2: a group is worth its best expert only, where there is no bias
    "deepseek-v2-groups": ("deepseek2", 40, dict(
        embd=36, ff=22, heads=3, layers=2, q_lora=17, kv_lora=14, nope=10,
        rope_dim=8, value=11, experts=12, used=4, expert_ff=9, groups=3,
        groups_used=2, gate="softmax", norm=False, bias_b=False, shared=2,
        weights_scale=16.0, tied=True, vocab=67)),
    # Matrices in 8 bits, as the engine computes with most models: the same
    # within what 8 bits of activations lose.
    "qwen2-q8": ("qwen2", 40, dict(
        embd=96, ff=160, heads=3, kv=1, bias=("attn_q", "attn_k", "attn_v"),
        vocab=67, wide=Q8_0, layers=1)),
    "qwen3moe-q8": ("qwen3moe", 12, dict(
        embd=64, heads=3, kv=1, head_dim=32, experts=5, used=2, expert_ff=32,
        vocab=67, wide=Q8_0, layers=1)),
    "deepseek-joint-q8": ("deepseek2", 12, dict(
        embd=64, ff=96, heads=3, layers=2, q_lora=32, kv_lora=64, nope=24,
        rope_dim=8, value=32, joint=True, experts=6, used=2, expert_ff=32,
        vocab=67, wide=Q8_0)),
    "deepseek-v3-q8": ("deepseek2", 12, dict(
        embd=64, ff=96, heads=3, layers=2, q_lora=32, kv_lora=32, nope=32,
        rope_dim=16, value=32, experts=8, used=2, expert_ff=32, groups=2,
        groups_used=1, vocab=67, wide=Q8_0, scaling=("yarn", 40.0, 16),
        log_mul=0.1)),
}
# adapters: which matrices of the model of this name
ADAPTERS = {
    "llama-bias": ["blk.0.attn_q", "blk.0.attn_v", "blk.1.attn_output",
                   "blk.1.attn_k", "blk.0.ffn_gate", "blk.1.ffn_down",
                   "blk.1.ffn_up", "output"],
    "qwen3moe": ["blk.0.attn_q", "blk.1.attn_v", "blk.0.ffn_gate_exps",
                 "blk.1.ffn_up_exps", "blk.0.ffn_down_exps"],
    "deepseek-v3": ["blk.0.attn_q_a", "blk.1.attn_q_b", "blk.1.attn_kv_a_mqa",
                    "blk.2.attn_output", "blk.0.ffn_up",
                    "blk.1.ffn_down_exps", "blk.2.ffn_gate_exps",
                    "blk.2.ffn_down_shexp"],
}


def prompt(name, seed):
    _, length, dims = MODELS[name]
    r = random.Random("%s %d" % (name, seed))
    return [r.randrange(dims.get("vocab", 131)) for _ in range(length)]


def write(name, seed, folder):
    """Paths of the model and of its adapter (None without), and the Tiny."""
    arch, _, dims = MODELS[name]
    made = tiny.Tiny(arch, seed, **dims)
    path = os.path.join(folder, name + ".gguf")
    gguf_write.write(path, made.keys, made.tensors)
    if name not in ADAPTERS:
        return path, None, made
    lora = os.path.join(folder, name + ".lora.gguf")
    gguf_write.write(lora, *tiny.adapter(
        made, seed, [n + ".weight" for n in ADAPTERS[name]]))
    return path, lora, made


def manifest():
    with open(os.path.join(VECTORS, "manifest.json")) as f:
        return json.load(f)


if __name__ == "__main__":
    write(sys.argv[1], manifest()[sys.argv[1]]["seed"], sys.argv[2])
