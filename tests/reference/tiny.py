"""Tiny random models of every architecture, for tests: their keys and tensors
from a few dimensions.  A model is the same, bit for bit, for the same seed
everywhere."""

import random

from gguf_write import F16, F32, Tensor

DENSE = {"layers": 2, "embd": 32, "ff": 64, "heads": 4, "kv": 2,
         "vocab": 131, "ctx": 512, "base": 10000.0, "eps": 1e-6,
         "head_dim": None,      # None: embd / heads, and the key is left out
         "value_dim": None,     # None: as head_dim
         "rope_dim": None,      # None: left out
         "tied": False,
         "bias": (),            # names of tensors that have one
         "scaling": None,       # (type, factor, original context or None)
         "rope_freqs": False,
         "experts": 0, "used": 2, "expert_ff": None,
         "extra": {},           # more keys, without the architecture
         "wide": F16}           # the type of matrices
# deepseek2
LATENT = {"q_lora": None, "kv_lora": 16, "nope": 16, "rope_dim": 8, "value": 12,
          "joint": False,       # one attn_kv_b, as in older files
          "dense_lead": 1, "shared": 1, "gate": "sigmoid", "norm": True,
          "weights_scale": 2.5, "bias_b": True, "groups": 0, "groups_used": 0,
          "log_mul": None, "nextn": 0,
          "shunned": None}      # an expert that is never chosen


def gauss(rand, n, scale, middle=0.0):
    """Nearly Gaussian, of nothing but sums: no mathematical library has a say
    in it."""
    u, by = rand.random, scale * 3.0 ** 0.5
    return [middle + by * (u() + u() + u() + u() - 2.0) for _ in range(n)]


class Tiny:
    def __init__(self, arch, seed, **dims):
        self.arch = arch
        self.d = {**DENSE, **(LATENT if arch == "deepseek2" else {}), **dims}
        unknown = set(dims) - set(self.d)
        assert not unknown, unknown
        self.random = random.Random("%s %s" % (arch, seed))
        self.keys = {"general.architecture": arch}
        self.tensors = []
        self.names = set()
        self.common_keys()
        self.matrix("token_embd", self.d["embd"], self.d["vocab"], fan=1)
        self.norm("output_norm", self.d["embd"])
        if not self.d["tied"]:
            self.matrix("output", self.d["embd"], self.d["vocab"])
        if self.d["rope_freqs"]:
            n = self.d["rope_dim"] or self.width()
            self.add("rope_freqs.weight", [n // 2], F32,
                     [1.0 + 7.0 * (i / (n // 2)) ** 2 for i in range(n // 2)])
        layer = self.latent_layer if arch == "deepseek2" else self.layer
        for il in range(self.d["layers"]):
            layer(il)

    # ---- keys ----

    def set(self, name, value):
        self.keys["%s.%s" % (self.arch, name)] = value

    def width(self):
        return self.d["head_dim"] or self.d["embd"] // self.d["heads"]

    def common_keys(self):
        d = self.d
        self.set("block_count", d["layers"])
        self.set("context_length", d["ctx"])
        self.set("embedding_length", d["embd"])
        self.set("feed_forward_length", d["ff"])
        self.set("vocab_size", d["vocab"])
        self.set("attention.head_count", d["heads"])
        self.set("attention.layer_norm_rms_epsilon", float(d["eps"]))
        self.set("rope.freq_base", float(d["base"]))
        if self.arch == "deepseek2":
            self.latent_keys()
        else:
            self.set("attention.head_count_kv", d["kv"])
            if d["head_dim"] or d["value_dim"]:
                self.set("attention.key_length", self.width())
                self.set("attention.value_length",
                         d["value_dim"] or self.width())
            if d["rope_dim"]:
                self.set("rope.dimension_count", d["rope_dim"])
            if d["experts"]:
                self.set("expert_count", d["experts"])
                self.set("expert_used_count", d["used"])
                if d["expert_ff"]:
                    self.set("expert_feed_forward_length", d["expert_ff"])
        if d["scaling"]:
            kind, factor, original = d["scaling"]
            self.set("rope.scaling.type", kind)
            self.set("rope.scaling.factor", float(factor))
            if original:
                self.set("rope.scaling.original_context_length", original)
        for name, value in d["extra"].items():
            self.set(name, value)

    def latent_keys(self):
        d = self.d
        head = d["nope"] + d["rope_dim"]
        self.set("rope.dimension_count", d["rope_dim"])
        self.set("attention.kv_lora_rank", d["kv_lora"])
        if d["q_lora"]:
            self.set("attention.q_lora_rank", d["q_lora"])
        if d["joint"]:
            self.set("attention.head_count_kv", d["heads"])
            self.set("attention.key_length", head)
            self.set("attention.value_length", d["value"])
        else:
            self.set("attention.head_count_kv", 1)
            self.set("attention.key_length", d["kv_lora"] + d["rope_dim"])
            self.set("attention.value_length", d["kv_lora"])
            self.set("attention.key_length_mla", head)
            self.set("attention.value_length_mla", d["value"])
        self.set("leading_dense_block_count", d["dense_lead"])
        self.set("expert_count", d["experts"])
        self.set("expert_used_count", d["used"])
        self.set("expert_shared_count", d["shared"])
        self.set("expert_feed_forward_length", d["expert_ff"])
        self.set("expert_weights_scale", float(d["weights_scale"]))
        self.set("expert_weights_norm", d["norm"])
        if d["gate"]:
            self.set("expert_gating_func", 2 if d["gate"] == "sigmoid" else 1)
        if d["groups"]:
            self.set("expert_group_count", d["groups"])
            self.set("expert_group_used_count", d["groups_used"])
        if d["log_mul"] is not None:
            self.set("rope.scaling.yarn_log_multiplier", float(d["log_mul"]))
        if d["nextn"]:
            self.set("nextn_predict_layers", d["nextn"])

    # ---- tensors ----

    def add(self, name, ne, kind, values):
        assert name not in self.names, name
        self.names.add(name)
        self.tensors.append(Tensor(name, ne, kind, values))

    def gauss(self, n, scale, middle=0.0):
        return gauss(self.random, n, scale, middle)

    def matrix(self, name, n_in, n_out, slices=(), fan=None, kind=None):
        """Values of a size that keeps the outputs at about 1.2; with a bias
        where the model has one on tensors of this name."""
        ne = [n_in, n_out, *slices]
        n = n_in * n_out * (slices[0] if slices else 1)
        self.add(name + ".weight", ne, self.d["wide"] if kind is None else
                 kind, self.gauss(n, 1.2 / (fan or n_in) ** 0.5))
        if name.split(".")[-1] in self.d["bias"]:
            self.add(name + ".bias", [n_out], F32, self.gauss(n_out, 0.3))

    def norm(self, name, n):
        self.add(name + ".weight", [n], F32, self.gauss(n, 0.2, 1.0))

    def ffn(self, b, ff, suffix="", slices=()):
        embd = self.d["embd"]
        self.matrix(b + "ffn_gate" + suffix, embd, ff, slices)
        self.matrix(b + "ffn_up" + suffix, embd, ff, slices)
        self.matrix(b + "ffn_down" + suffix, ff, embd, slices)

    def router(self, b):
        self.matrix(b + "ffn_gate_inp", self.d["embd"], self.d["experts"],
                    kind=F32)

    def layer(self, il):
        d, b = self.d, "blk.%d." % il
        dk = self.width()
        dv = d["value_dim"] or dk
        self.norm(b + "attn_norm", d["embd"])
        self.matrix(b + "attn_q", d["embd"], d["heads"] * dk)
        self.matrix(b + "attn_k", d["embd"], d["kv"] * dk)
        self.matrix(b + "attn_v", d["embd"], d["kv"] * dv)
        self.matrix(b + "attn_output", d["heads"] * dv, d["embd"])
        if self.arch in ("qwen3", "qwen3moe", "gemma3"):
            self.norm(b + "attn_q_norm", dk)
            self.norm(b + "attn_k_norm", dk)
        if self.arch == "gemma3":
            self.norm(b + "post_attention_norm", d["embd"])
            self.norm(b + "post_ffw_norm", d["embd"])
        self.norm(b + "ffn_norm", d["embd"])
        if d["experts"]:
            self.router(b)
            self.ffn(b, d["expert_ff"] or d["ff"], "_exps", (d["experts"],))
        else:
            self.ffn(b, d["ff"])

    def latent_layer(self, il):
        d, b = self.d, "blk.%d." % il
        head = d["nope"] + d["rope_dim"]
        self.norm(b + "attn_norm", d["embd"])
        if d["q_lora"]:
            self.matrix(b + "attn_q_a", d["embd"], d["q_lora"])
            self.norm(b + "attn_q_a_norm", d["q_lora"])
            self.matrix(b + "attn_q_b", d["q_lora"], d["heads"] * head)
        else:
            self.matrix(b + "attn_q", d["embd"], d["heads"] * head)
        self.matrix(b + "attn_kv_a_mqa", d["embd"], d["kv_lora"] +
                    d["rope_dim"])
        self.norm(b + "attn_kv_a_norm", d["kv_lora"])
        if d["joint"]:
            self.matrix(b + "attn_kv_b", d["kv_lora"],
                        d["heads"] * (d["nope"] + d["value"]))
        else:
            self.matrix(b + "attn_k_b", d["nope"], d["kv_lora"],
                        (d["heads"],), fan=d["kv_lora"])
            self.matrix(b + "attn_v_b", d["kv_lora"], d["value"],
                        (d["heads"],))
        self.matrix(b + "attn_output", d["heads"] * d["value"], d["embd"])
        self.norm(b + "ffn_norm", d["embd"])
        if il < d["dense_lead"]:
            self.ffn(b, d["ff"])
        else:
            self.latent_experts(b)
        if il >= d["layers"] - d["nextn"]:
            self.nextn(b)

    def latent_experts(self, b):
        d = self.d
        self.router(b)
        if d["bias_b"]:
            bias = self.gauss(d["experts"], 0.1)
            if d["shunned"] is not None:
                bias[d["shunned"]] = -50.0
            self.add(b + "exp_probs_b.bias", [d["experts"]], F32, bias)
        self.ffn(b, d["expert_ff"], "_exps", (d["experts"],))
        if d["shared"]:
            self.ffn(b, d["expert_ff"] * d["shared"], "_shexp")

    def nextn(self, b):
        """What a block that predicts the token after the next one has besides:
        enough to show whether it is taken for one of the trunk."""
        d = self.d
        self.matrix(b + "nextn.eh_proj", 2 * d["embd"], d["embd"])
        self.norm(b + "nextn.enorm", d["embd"])
        self.norm(b + "nextn.hnorm", d["embd"])
        self.norm(b + "nextn.shared_head_norm", d["embd"])


def adapter(model, seed, names, rank=4, alpha=6.0):
    """Keys and tensors of an adapter that corrects these matrices of a Tiny
    (experts: each of them)."""
    rand = random.Random("adapter %s" % seed)
    shape = {t.name: t.ne for t in model.tensors}
    keys = {"general.type": "adapter", "general.architecture": model.arch,
            "adapter.type": "lora", "adapter.lora.alpha": float(alpha)}
    tensors = []
    for name in names:
        n_in, n_out, *slices = shape[name]
        for end, ne in (("a", [n_in, rank, *slices]),
                        ("b", [rank, n_out, *slices])):
            n = ne[0] * ne[1] * (slices[0] if slices else 1)
            tensors.append(Tensor(
                name + ".lora_" + end, ne, F32,
                gauss(rand, n, 0.7 / ne[0] ** 0.5)))
    return keys, tensors
