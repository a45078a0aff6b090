#!/usr/bin/env python3
"""`fikr-engine inspect` on files made here, sound and otherwise.  Would catch
facts that are wrong or missing, a damaged file that shows nothing or passes for
sound, and JSON that others cannot read."""
import json
import os
import subprocess
import sys
import tempfile

from tap import SRC, Tap, program

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402

V3 = dict(embd=96, ff=160, heads=4, layers=4, ctx=512, q_lora=48, kv_lora=64,
          nope=32, rope_dim=16, value=32, dense_lead=1, experts=8, used=2,
          shared=1, expert_ff=64, groups=4, groups_used=2)
tap = Tap()
folder = tempfile.TemporaryDirectory(prefix="inspect.")


def model(arch="deepseek2", **shape):
    words = gguf_write.vocabulary()
    n = len(words["tokenizer.ggml.tokens"])
    made = tiny.Tiny(arch, 5, vocab=n, **shape)
    return {**made.keys, **words, "general.name": "Tiny \x1b[31mred"}, \
        made.tensors


def path(name):
    return os.path.join(folder.name, name)


def written(name, keys, tensors):
    gguf_write.write(path(name), keys, tensors)
    return path(name)


def inspect(*args):
    return subprocess.run([program("fikr-engine"), "inspect", *args],
                          capture_output=True, timeout=60)


def facts(file, *args, status=0):
    r = inspect("--json", *args, file)
    assert r.returncode == status, (r.returncode, r.stdout[-400:], r.stderr)
    assert r.stdout.isascii() and b"\x1b" not in r.stdout
    return json.loads(r.stdout)


def shown(file, *args, status=0):
    r = inspect(*args, file)
    assert r.returncode == status, (r.returncode, r.stdout[-400:], r.stderr)
    text = r.stdout.decode()
    assert "\x1b" not in text, text
    return text


def parameters(tensors):
    n = 0
    for t in tensors:
        size = 1
        for d in t.ne:
            size *= d
        n += size
    return n


@tap.case
def the_facts_of_a_mixture_of_experts():
    keys, tensors = model(**V3)
    f = facts(written("v3.gguf", keys, tensors), "-c", "100")
    experts = [t for t in tensors if "_exps." in t.name]
    want = {"architecture": "deepseek2", "layers": 4, "layers_dense": 1,
            "width": 96, "heads": 4, "experts": 8, "experts_used": 2,
            "experts_shared": 1, "context": 512, "kv_lora_rank": 64,
            "tensors": len(tensors), "runs": True, "wrong": [],
            "parameters": parameters(tensors),
            "parameters_active":
                parameters(tensors) - parameters(experts) * 6 // 8}
    assert {k: f.get(k) for k in want} == want, f
    assert f["memory"]["context"] == 100 and f["memory"]["experts"] == \
        sum(len(t.data) for t in experts), f["memory"]
    assert f["tokenizer"]["bos"] == {"id": 257, "text":
                                     "<｜begin▁of▁sentence｜>"}
    assert f["chat"]["format"] == "deepseek-r1"
    assert f["chat"]["thinking"] == ["<think>", "</think>"]
    assert sum(t["bytes"] for t in f["types"]) == \
        sum(len(t.data) for t in tensors)


@tap.case
def people_read_the_same():
    keys, tensors = model(**V3)
    text = shown(written("v3.gguf", keys, tensors), "--kv", "q8_0")
    for part in ("deepseek2", "8, 2 at a time", "deepseek-r1", "F16",
                 "4096 tokens in a cache of q8_0", "512 tokens",
                 "Tiny \\x1b[31mred"):
        assert part in text, (part, text)
    assert "wrong" not in text and "general.name" not in text
    raw = shown(path("v3.gguf"), "-m", "-a")
    assert "general.name (str) = Tiny \\x1b[31mred" in raw
    assert all(t.name in raw for t in tensors)


@tap.case
def the_cache_grows_with_context_and_type():
    keys, tensors = model("llama")
    file = written("llama.gguf", keys, tensors)
    cache = [facts(file, *a)["memory"]["cache"] for a in (
        ("-c", "256"), ("-c", "512"), ("-c", "256", "--kv", "f32"))]
    assert cache[0] < cache[1] and cache[2] == 2 * cache[0], cache


@tap.case
def parts_are_one_model():
    keys, tensors = model(**V3)
    whole = facts(written("v3.gguf", keys, tensors))
    parts = gguf_write.write_split(path("split"), keys, tensors, 3)
    f = facts(parts[0])
    assert [p["path"] for p in f["files"]] == parts
    for same in ("parameters", "types", "memory", "tokenizer", "runs"):
        a, b = whole[same], f[same]
        if same == "memory":
            a, b = ({k: v for k, v in x.items() if k != "available"}
                    for x in (a, b))
        assert a == b, (same, a, b)
    f = facts(parts[1], status=1)
    assert parts[0] in f["wrong"][0], f["wrong"]
    os.unlink(parts[1])
    f = facts(parts[0], status=1)
    assert len(f["wrong"]) == 1 and parts[1] in f["wrong"][0], f["wrong"]
    assert not f["runs"] and f["layers"] == 4


@tap.case
def a_later_part_is_wrong_in_one_way():
    paths = gguf_write.write_split(path("later"), *model(**V3), 3)
    f = facts(paths[1], status=1)
    assert len(f["wrong"]) == 1 and "first part" in f["wrong"][0], f["wrong"]


@tap.case
def a_download_is_read_as_far_as_it_goes():
    keys, tensors = model(**V3)
    file = written("v3.gguf", keys, tensors)
    with open(file, "rb") as f:
        data = f.read()
    whole = facts(file)
    head = len(data) - whole["types"][0]["bytes"]
    for n in list(range(24, len(data), 997)) + [head, len(data) - 1]:
        with open(path("part.gguf"), "wb") as f:
            f.write(data[:n])
        f = facts(path("part.gguf"), status=1)
        assert "cut short" in f["wrong"][0] and not f["runs"], f["wrong"]
        assert len(f["wrong"]) == 1, f["wrong"]
        assert f["files"][0]["bytes"] == n
        if "bytes_wanted" in f:
            assert f["bytes_wanted"] >= whole["bytes"] - 31
            assert f["layers"] == 4 and f["chat"] == whole["chat"]
            assert f["parameters"] == whole["parameters"]
    text = shown(path("part.gguf"), status=1)
    assert "are there" in text and "\nwrong: " in text
    r = subprocess.run([program("fikr-engine"), "logits", path("part.gguf"),
                        "--tokens", "1"], capture_output=True)
    said = r.stderr.decode()
    assert r.returncode == 1 and said.count("\n") == 1, said
    assert "cut short" in said and path("part.gguf") in said, said


@tap.case
def what_cannot_be_run_is_described():
    keys, tensors = model("llama")
    cases = [({"general.architecture": "mamba"}, tensors, "mamba"),
             ({"tokenizer.ggml.model": "rwkv"}, tensors, "rwkv"),
             ({}, tensors[:-1], "lacks"),
             ({}, tensors[:-1] + [gguf_write.Tensor(
                 tensors[-1].name, tensors[-1].ne, 31, tensors[-1].data)],
              "Q4_0_4_4")]
    for change, rest, why in cases:
        f = facts(written("odd.gguf", {**keys, **change}, rest), status=1)
        assert any(why in w for w in f["wrong"]), (why, f["wrong"])
        assert not f["runs"]
        assert f["tensors"] == len(rest) and f["tokenizer"]["tokens"] > 256


@tap.case
def an_adapter_is_no_broken_model():
    keys = {"general.architecture": "llama", "general.type": "adapter",
            "adapter.type": "lora", "adapter.lora.alpha": 16.0}
    f = gguf_write.Tensor("blk.0.attn_q.weight.lora_a", [4, 2], 0, [0.5] * 8)
    text = shown(written("lora.gguf", keys, [f]))
    assert "lora" in text and "16" in text and "wrong" not in text, text
    assert facts(path("lora.gguf"))["kind"] == "adapter"


@tap.case
def what_is_no_model_is_one_sentence():
    with open(path("x.gguf"), "wb") as f:
        f.write(b"<html>")
    for file in (path("x.gguf"), path("nowhere.gguf"), folder.name):
        r = inspect("--json", file)
        said = r.stderr.decode()
        assert r.returncode == 1 and r.stdout == b"" and file in said
        assert said.count("\n") == 1, said
    assert inspect("--json", "-a", path("x.gguf")).returncode == 2


raise SystemExit(tap.run())
