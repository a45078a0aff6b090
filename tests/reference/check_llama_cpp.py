"""check_llama_cpp.py [-n RUNS] [--first SEED] [NAME|KIND...]:
the reference against llama.cpp itself (the library of the package xllamacpp,
by the declarations of llama-cpp-py-sync), on the models of models.py and on
those of fuzz_arch.py.  A model that llama.cpp refuses is named and left out."""

import argparse
import os
import random
import sys
import tempfile

import numpy as np
import xllamacpp
from llama_cpp_py_sync._cffi_bindings import ffi

import fuzz_arch
import gguf_read
import gguf_write
import models
import tiny
from gguf_write import F32
from model import Model

lib = ffi.dlopen(os.path.join(os.path.dirname(xllamacpp.__file__),
                              "xllamacpp.abi3.so"))


@ffi.callback("ggml_log_callback")
def silent(level, text, _):
    if level >= 4 or os.environ.get("LOUD"):
        sys.stderr.write(ffi.string(text).decode(errors="replace"))


def in_f32(made):
    """The same values: products in F32 lose the least there."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.gguf")
        gguf_write.write(path, made.keys, made.tensors)
        _, tensors = gguf_read.read(path)
    made.tensors = [gguf_write.Tensor(t.name, t.ne, F32,
                                      tensors[t.name].reshape(-1))
                    for t in made.tensors]
    return made


def taken(arch, d):
    """Without what llama.cpp refuses or overlooks."""
    d = {**d, "wide": F32, "value_dim": None}
    if arch != "deepseek2":
        d["rope_dim"] = None
        d["extra"] = {k: v for k, v in d.get("extra", {}).items()
                      if k != "attention.scale"}
    else:
        d["nope"] += d["nope"] % 2
        d["q_lora"] = d["q_lora"] or 5
        if d.get("groups"):
            d["groups_used"] = min(d["groups_used"], d["groups"] - 1)
            d["used"] = min(d["used"], d["groups_used"] *
                            d["experts"] // d["groups"])
    if arch == "qwen2":
        d["embd"], d["head_dim"] = d["heads"] * d["head_dim"], None
    return d


def fill(batch, tokens):
    for i, t in enumerate(tokens):
        batch.token[i], batch.pos[i], batch.logits[i] = t, i, 1
        batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
    batch.n_tokens = len(tokens)


def theirs(path, tokens, vocab, adapter=None, scale=1.0):
    """All logits, or None where it does not take the model."""
    params = lib.llama_model_default_params()
    params.n_gpu_layers = 0
    model = lib.llama_model_load_from_file(path.encode(), params)
    if model == ffi.NULL:
        return None
    c = lib.llama_context_default_params()
    c.n_ctx = c.n_batch = c.n_ubatch = 512
    c.n_outputs_max = c.n_outputs_max_per_seq = 512
    c.n_threads = c.n_threads_batch = 1
    c.type_k = c.type_v = 0
    c.flash_attn_type = 0
    context = lib.llama_init_from_model(model, c)
    assert context != ffi.NULL
    if adapter:
        a = lib.llama_adapter_lora_init(model, adapter.encode())
        assert a != ffi.NULL
        lib.llama_set_adapters_lora(context, ffi.new(
            "struct llama_adapter_lora *[1]", [a]), 1, ffi.new("float *",
                                                               scale))
    batch = lib.llama_batch_init(512, 0, 1)
    fill(batch, tokens)
    assert lib.llama_decode(context, batch) == 0
    got = np.array([np.frombuffer(ffi.buffer(
        lib.llama_get_logits_ith(context, i), 4 * vocab), "<f4")
        for i in range(len(tokens))], np.float64)
    lib.llama_batch_free(batch)
    lib.llama_free(context)
    lib.llama_model_free(model)
    return got


def compare(what, made, tokens, folder, adapter=None):
    path = os.path.join(folder, "theirs.gguf")
    gguf_write.write(path, {**made.keys, "tokenizer.ggml.model": "none"},
                     made.tensors)
    model = Model.load(path)
    model.two_always = True
    if adapter:
        model.merge(*gguf_read.read(adapter), models.LORA_SCALE)
    want = model.logits(tokens)
    got = theirs(path, tokens, made.d["vocab"], adapter, models.LORA_SCALE)
    if got is None:
        print("%-24s refused" % what, flush=True)
        return
    error = ((got - want) ** 2).sum() / (want ** 2).sum()
    each = ((got - want) ** 2).sum(axis=1) / (want ** 2).sum(axis=1)
    print("%-24s %.1e  median of positions %.1e  closest choice %.1e%s" % (
        what, error, np.median(each), model.margin,
        "   <--- " + str(made.d) if np.median(each) > 1e-5 else ""),
        flush=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("-n", type=int, default=5)
    a.add_argument("--first", type=int, default=1)
    a.add_argument("name", nargs="*", default=list(models.MODELS))
    o = a.parse_args()
    lib.llama_log_set(silent, ffi.NULL)
    lib.llama_backend_init()
    with tempfile.TemporaryDirectory() as folder:
        for name in o.name:
            if name in models.MODELS:
                seed = models.manifest()[name]["seed"]
                _, lora, made = models.write(name, seed, folder)
                made = in_f32(made)
                tokens = models.prompt(name, seed)
                compare(name, made, tokens, folder)
                if lora:
                    compare(name + " adapter", made, tokens, folder, lora)
                continue
            for seed in range(o.first, o.first + o.n):
                r = random.Random("%s %d" % (name, seed))
                arch, dims = getattr(fuzz_arch, name)(r)
                dims = taken(arch, dims)
                tokens = [r.randrange(dims["vocab"]) for _ in range(100)]
                compare("%s %d" % (name, seed),
                        tiny.Tiny(arch, seed, **dims), tokens, folder)


if __name__ == "__main__":
    main()
