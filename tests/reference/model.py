"""The forward pass of every architecture in plain numpy and double precision:
what the engine has to agree with.  Written from the papers and the formulas
alone, for reading: no cache, no batches, all positions of a prompt at once.

    python3 model.py MODEL.gguf 1,2,3        the top token of each position

numpy is needed while developing only; what it computes is stored in
tests/vectors/arch."""

import sys

import numpy as np

import gguf_read

NEOX = {"qwen2", "qwen3", "qwen3moe", "gemma3"}


def silu(x):
    return x / (1.0 + np.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) *
                                    (x + 0.044715 * x ** 3)))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


class Rope:
    """Rotation of the first n values of a head, at positions 0, 1, ..."""

    def __init__(self, n, base, neox, scaling="none", factor=1.0, orig=0,
                 magnitude=1.0, divisors=None):
        self.n, self.neox, self.magnitude = n, neox, magnitude
        i = np.arange(n // 2)
        self.freq = base ** (-2.0 * i / n)
        if divisors is not None:
            self.freq = self.freq / divisors
        if scaling == "linear":
            self.freq = self.freq / factor
        elif scaling == "yarn":
            self.freq = self.yarn(i, base, factor, orig)

    def yarn(self, i, base, factor, orig):
        """Peng et al., arXiv 2309.00071, section 3.2, with beta 32 and 1."""
        def pair(turns):
            return self.n * np.log(orig / (turns * 2 * np.pi)) / \
                (2 * np.log(base))
        low = max(0.0, np.floor(pair(32.0)))
        high = min(self.n - 1.0, np.ceil(pair(1.0)))
        keep = 1.0 - np.clip((i - low) / max(0.001, high - low), 0.0, 1.0)
        return self.freq / factor * (1 - keep) + self.freq * keep

    def __call__(self, x):
        """x is [positions][heads][width]."""
        angle = np.arange(len(x))[:, None] * self.freq
        c = (np.cos(angle) * self.magnitude)[:, None]
        s = (np.sin(angle) * self.magnitude)[:, None]
        half = self.n // 2
        a = slice(0, half) if self.neox else slice(0, self.n, 2)
        b = slice(half, self.n) if self.neox else slice(1, self.n, 2)
        out = x.copy()
        out[..., a] = x[..., a] * c - x[..., b] * s
        out[..., b] = x[..., a] * s + x[..., b] * c
        return out


class Model:
    def __init__(self, keys, tensors):
        self.keys, self.t = keys, tensors
        self.arch = keys["general.architecture"]
        self.embd = self.key("embedding_length")
        self.heads = self.one("attention.head_count")
        self.kv = self.one("attention.head_count_kv", self.heads)
        self.eps = self.key("attention.layer_norm_rms_epsilon")
        self.dk = self.key("attention.key_length", self.embd // self.heads)
        self.dv = self.key("attention.value_length", self.embd // self.heads)
        # blocks that predict the token after the next one are no part of it
        self.layers = self.key("block_count") - \
            self.key("nextn_predict_layers", 0)
        self.mla = self.arch == "deepseek2"
        self.ropes()
        self.keep = lambda x: x     # how a cache would round what it keeps
        self.two_always = False
        self.margin = np.inf    # the closest choice of experts
        self.used = set()       # (layer, expert) that were chosen

    @classmethod
    def load(cls, path):
        return cls(*gguf_read.read(path))

    def key(self, name, default=None):
        v = self.keys.get(self.arch + "." + name, default)
        if v is None:
            raise KeyError("%s.%s" % (self.arch, name))
        return v

    def one(self, name, default=None):
        v = self.key(name, default)
        return v[0] if isinstance(v, list) else v

    # ---- the settings of rope and of the scores ----

    def ropes(self):
        kind = self.key("rope.scaling.type", "linear")
        factor = self.key("rope.scaling.factor",
                          self.key("rope.scale_linear", 0.0)) or 1.0
        if kind == "none":
            factor = 1.0
        base = self.key("rope.freq_base", 10000.0)
        if self.mla:
            self.dk = self.key("attention.key_length_mla", self.dk)
            self.dv = self.key("attention.value_length_mla", self.dv)
        n = self.key("rope.dimension_count", self.dk)
        self.scale = 1 / np.sqrt(self.dk)
        if self.arch == "llama":
            self.scale = self.key("attention.scale", 0.0) or self.scale
        magnitude = 1.0
        if kind == "yarn":
            log = np.log(factor)
            magnitude = self.key("rope.scaling.attn_factor", 1.0)
            more = self.key("rope.scaling.yarn_log_multiplier", 0.0)
            if self.mla and more:
                # mscale and mscale_all_dim are the same in all these models:
                # cos and sin keep their size, the scores grow
                self.scale *= (1 + more * log) ** 2
            else:
                magnitude *= 1 + 0.1 * log
        neox = self.arch in NEOX
        orig = self.key("rope.scaling.original_context_length",
                        self.key("context_length"))
        self.rope = Rope(n, base, neox, kind, factor, orig, magnitude,
                         self.t.get("rope_freqs.weight"))
        self.window = 0
        if self.arch == "gemma3":
            self.window = self.key("attention.sliding_window", 0)
            self.period = self.key("attention.sliding_window_pattern", 6)
            self.rope_near = Rope(n, self.key("rope.freq_base_swa", 10000.0),
                                  neox)
            if self.key("block_count") == 62:       # the 27B
                self.scale = 1 / np.sqrt(self.embd / self.heads)

    def near(self, il):
        """Does layer il see the window only?"""
        return self.window > 0 and il % self.period < self.period - 1

    # ---- pieces ----

    def has(self, il, name):
        return "blk.%d.%s" % (il, name) in self.t

    def get(self, il, name):
        return self.t["blk.%d.%s" % (il, name) if il >= 0 else name]

    def linear(self, il, name, x):
        y = x @ self.get(il, name + ".weight").T
        full = ("blk.%d." % il if il >= 0 else "") + name + ".bias"
        return y + self.t[full] if full in self.t else y

    def norm(self, il, name, x):
        mean = (x * x).mean(axis=-1, keepdims=True)
        return x / np.sqrt(mean + self.eps) * self.get(il, name + ".weight")

    def attend(self, il, q, k, v):
        """q, k, v are [positions][heads][width]; k and v may have fewer
        heads."""
        n, heads, _ = q.shape
        k = k.repeat(heads // k.shape[1], axis=1)
        v = v.repeat(heads // v.shape[1], axis=1)
        score = np.einsum("qhd,khd->hqk", q, k) * self.scale
        ago = np.arange(n)[:, None] - np.arange(n)
        hidden = ago < 0
        if self.near(il):
            hidden |= ago >= self.window
        score[:, hidden] = -np.inf
        return np.einsum("hqk,khd->qhd", softmax(score), v).reshape(n, -1)

    def attention(self, il, x):
        n = len(x)
        q = self.linear(il, "attn_q", x).reshape(n, self.heads, self.dk)
        k = self.linear(il, "attn_k", x).reshape(n, self.kv, self.dk)
        v = self.linear(il, "attn_v", x).reshape(n, self.kv, self.dv)
        if self.has(il, "attn_q_norm.weight"):
            q = self.norm(il, "attn_q_norm", q)
            k = self.norm(il, "attn_k_norm", k)
        rope = self.rope_near if self.near(il) else self.rope
        return self.linear(il, "attn_output", self.attend(
            il, rope(q), self.keep(rope(k)), self.keep(v)))

    def latent_attention(self, il, x):
        """DeepSeek-V2, arXiv 2405.04434, section 2.1, as published: keys and
        values of every head from the latent."""
        n, rank = len(x), self.key("attention.kv_lora_rank")
        nope = self.dk - self.rope.n
        if self.has(il, "attn_q_a.weight"):
            q = self.linear(il, "attn_q_a", x)
            q = self.linear(il, "attn_q_b", self.norm(il, "attn_q_a_norm", q))
        else:
            q = self.linear(il, "attn_q", x)
        q = q.reshape(n, self.heads, self.dk)
        q = np.concatenate([q[..., :nope], self.rope(q[..., nope:])], axis=2)
        down = self.linear(il, "attn_kv_a_mqa", x)
        c = self.keep(self.norm(il, "attn_kv_a_norm", down[:, :rank]))
        turned = self.keep(self.rope(down[:, None, rank:]))
        k, v = self.expanded(il, c, nope)
        k = np.concatenate([k, turned.repeat(self.heads, axis=1)], axis=2)
        return self.linear(il, "attn_output", self.attend(il, q, k, v))

    def expanded(self, il, c, nope):
        if self.has(il, "attn_kv_b.weight"):
            kv = self.linear(il, "attn_kv_b", c)
            kv = kv.reshape(len(c), self.heads, nope + self.dv)
            return kv[..., :nope], kv[..., nope:]
        return (np.einsum("pr,hri->phi", c, self.get(il, "attn_k_b.weight")),
                np.einsum("pr,hir->phi", c, self.get(il, "attn_v_b.weight")))

    def ffn(self, il, x, suffix=""):
        act = gelu_tanh if self.arch == "gemma3" else silu
        gate = act(self.linear(il, "ffn_gate" + suffix, x))
        return self.linear(il, "ffn_down" + suffix,
                           gate * self.linear(il, "ffn_up" + suffix, x))

    # ---- experts ----

    def settings(self):
        """gate, norm, scale, groups, groups used"""
        if not self.mla:
            return "softmax", True, 1.0, 1, 1
        gate = self.key("expert_gating_func", 1)
        return ("sigmoid" if gate == 2 else "softmax",
                self.key("expert_weights_norm", False),
                self.key("expert_weights_scale", 0.0) or 1.0,
                max(1, self.key("expert_group_count", 0)),
                max(1, self.key("expert_group_used_count", 0)))

    def best(self, score, count):
        """The count largest; the distance to the next one is noted."""
        order = np.argsort(-score, kind="stable")
        if count < len(order) and np.isfinite(score[order[count]]):
            self.margin = min(self.margin, score[order[count - 1]] -
                              score[order[count]])
        return order[:count]

    def choose(self, score, bias, groups, groups_used, count):
        """DeepSeek-V3, arXiv 2412.19437, section 2.1.2: the bias is for
        choosing only; a group is worth its two best experts, without a bias
        (DeepSeek-V2, arXiv 2405.04434, section 2.2.2) its best one.
        llama.cpp takes two in both."""
        biased = score if bias is None else score + bias
        if groups > 1:
            split = biased.reshape(groups, -1)
            two = bias is not None or self.two_always
            worth = np.sort(split, axis=1)[:, -2 if two else -1:].sum(axis=1)
            kept = np.full_like(split, -np.inf)
            for g in self.best(worth, groups_used):
                kept[g] = split[g]
            biased = kept.reshape(-1)
        return self.best(biased, count)

    def experts(self, il, x):
        gate, norm, scale, groups, groups_used = self.settings()
        logits = self.linear(il, "ffn_gate_inp", x)
        score = softmax(logits) if gate == "softmax" \
            else 1 / (1 + np.exp(-logits))
        bias = self.get(il, "exp_probs_b.bias") \
            if self.has(il, "exp_probs_b.bias") else None
        up, down, gates = (self.get(il, "ffn_%s_exps.weight" % which)
                           for which in ("up", "down", "gate"))
        out = np.zeros_like(x)
        for p, row in enumerate(x):
            chosen = self.choose(score[p], bias, groups, groups_used,
                                 self.key("expert_used_count"))
            w = score[p][chosen]
            if norm:
                w = w / max(w.sum(), 6.1e-5)
            for e, weight in zip(chosen, w * scale):
                self.used.add((il, int(e)))
                out[p] += weight * (down[e] @ (silu(gates[e] @ row) *
                                               (up[e] @ row)))
        return out

    def mlp(self, il, x):
        if not self.has(il, "ffn_gate_inp.weight"):
            return self.ffn(il, x)
        out = self.experts(il, x)
        if self.has(il, "ffn_gate_shexp.weight"):
            out = out + self.ffn(il, x, "_shexp")
        return out

    # ---- all of it ----

    def step(self, il, x, before, fn, after):
        y = fn(il, self.norm(il, before, x))
        return x + (self.norm(il, after, y)
                    if self.has(il, after + ".weight") else y)

    def logits(self, tokens):
        """[positions][vocabulary]"""
        x = self.get(-1, "token_embd.weight")[list(tokens)]
        if self.arch == "gemma3":
            x = x * np.sqrt(self.embd)
        attention = self.latent_attention if self.mla else self.attention
        for il in range(self.layers):
            x = self.step(il, x, "attn_norm", attention,
                          "post_attention_norm")
            x = self.step(il, x, "ffn_norm", self.mlp, "post_ffw_norm")
        x = self.norm(-1, "output_norm", x)
        head = "output" if "output.weight" in self.t else "token_embd"
        y = self.linear(-1, head, x)
        cap = self.key("final_logit_softcapping", 0.0)
        return cap * np.tanh(y / cap) if cap else y

    # ---- adapters ----

    def merge(self, keys, tensors, scale=1.0):
        """Hu et al., arXiv 2106.09685: w + scale * alpha / rank * b a."""
        alpha = keys["adapter.lora.alpha"]
        for name in [n[:-7] for n in tensors if n.endswith(".lora_a")]:
            a, b = tensors[name + ".lora_a"], tensors[name + ".lora_b"]
            by = scale * (alpha / b.shape[-1] if alpha else 1.0)
            self.t[name] = self.t[name] + by * (b @ a)


def main():
    model = Model.load(sys.argv[1])
    tokens = [int(t) for t in sys.argv[2].split(",")]
    print(*model.logits(tokens).argmax(axis=1))


if __name__ == "__main__":
    main()
