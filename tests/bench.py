#!/usr/bin/env python3
"""`fikr-engine bench` on a tiny model, alone and beside scripts that play the
peer.  Would catch JSON that others cannot read, keys that went missing, ratios
of the wrong things and a failing peer that is not one clear sentence.  Nothing
here depends on how fast anything is."""
import json
import os
import subprocess
import sys
import tempfile

from tap import SRC, Tap, program

sys.path.insert(0, os.path.join(SRC, "tests", "reference"))
import gguf_write  # noqa: E402
import tiny  # noqa: E402

THEIR_KEYS = {"n_prompt", "n_gen", "n_depth", "avg_ts", "stddev_ts",
              "samples_ts", "model_filename", "model_type", "model_size",
              "model_n_params", "n_threads", "type_k", "type_v", "cpu_info",
              "backends", "test_time"}
OUR_KEYS = {"start_ms", "start_peak_rss", "peak_rss", "read_bandwidth",
            "read_bandwidth_1", "f32_macs", "share_of_limit", "limit_ts"}
SMALL = ("-p", "8", "-n", "4", "-r", "2", "-t", "1")
# Says its options, and plays a peer at 100 and 50 tokens a second.
PEER = """#!%s
import json, sys
a = sys.argv[1:]
o = dict(zip(a[::2], a[1::2]))
open(%r, "a").write(" ".join(a) + "\\n")
print("talk before the list")
tests = []
d = int(o.get("-d", 0))
for p, n, ts in ((int(o["-p"]), 0, 100.0), (0, int(o["-n"]), 50.0)):
    if p or n:
        tests.append(dict(n_prompt=p, n_gen=n, n_depth=d, avg_ts=ts))
print(json.dumps(tests))
"""
tap = Tap()
folder = tempfile.TemporaryDirectory(prefix="bench.")


def path(name):
    return os.path.join(folder.name, name)


def script(name, text):
    with open(path(name), "w") as f:
        f.write(text)
    os.chmod(path(name), 0o700)
    return path(name)


def model():
    if not os.path.exists(path("model.gguf")):
        words = gguf_write.vocabulary()
        made = tiny.Tiny("llama", 5, ctx=64,
                         vocab=len(words["tokenizer.ggml.tokens"]))
        gguf_write.write(path("model.gguf"), {**made.keys, **words},
                         made.tensors)
    return path("model.gguf")


def bench(*args):
    return subprocess.run([program("fikr-engine"), "bench", *args],
                          capture_output=True, timeout=110)


def tests(*args):
    r = bench("--json", *SMALL, *args)
    assert r.returncode == 0, (r.returncode, r.stderr)
    assert r.stderr == b"", r.stderr        # no progress without a terminal
    return json.loads(r.stdout)


def refused(status, *args):
    r = bench(*SMALL, *args)
    assert r.returncode == status, (r.returncode, r.stdout, r.stderr)
    return r.stderr.decode()


def one_sentence(peer):
    text = refused(1, "--peer", peer, "-m", model())
    assert text.count("\n") == 1 and "the peer" in text, text
    return text


@tap.case
def json_is_a_list_with_the_keys_of_llama_bench():
    for args in (("-m", model()), (model(),)):
        got = tests(*args)
        assert [(t["n_prompt"], t["n_gen"], t["n_depth"]) for t in got] == \
            [(8, 0, 0), (0, 4, 0)], got
        for t in got:
            assert THEIR_KEYS | OUR_KEYS <= set(t), \
                (THEIR_KEYS | OUR_KEYS) - set(t)
            assert len(t["samples_ts"]) == 2 and "ratio" not in t
            assert min(t["samples_ts"]) <= t["avg_ts"] <= \
                max(t["samples_ts"]) * 1.001
            assert t["n_threads"] == 1 and t["model_filename"] == model()
            assert t["start_peak_rss"] > 1 << 20 < t["peak_rss"]


@tap.case
def more_threads_than_cores_are_not_used():
    cores = len(os.sched_getaffinity(0))
    r = bench("--json", *SMALL, "-t", str(cores + 1), "-m", model())
    assert r.returncode == 0, (r.returncode, r.stderr)
    assert json.loads(r.stdout)[0]["n_threads"] <= cores, r.stdout
    assert r.stderr.count(b"\n") == 1 and b"threads" in r.stderr, r.stderr


@tap.case
def a_depth_is_one_test_more_where_the_context_allows():
    got = tests("-d", "16", "-m", model())
    assert [t["n_depth"] for t in got] == [0, 0, 16], got
    got = tests("-d", "61", "-m", model())
    assert [t["n_depth"] for t in got] == [0, 0], got
    assert "left out" in got[0]["note"], got[0]


@tap.case
def a_test_of_no_tokens_is_left_out():
    assert [t["n_gen"] for t in tests("-p", "0", "-m", model())] == [4]
    assert [t["n_gen"] for t in tests("-n", "0", "-m", model())] == [0]
    refused(2, "-p", "0", "-n", "0", "-m", model())
    refused(2)
    refused(2, "-m", model(), "another.gguf")


@tap.case
def a_peer_takes_turns_and_gives_ratios():
    log = path("log")
    got = tests("--peer", script("peer", PEER % (sys.executable, log)),
                "-d", "16", "-m", model())
    for t, ts in zip(got, (100.0, 50.0, 50.0)):
        assert t["peer_samples_ts"] == [ts, ts], t
        ratios = sorted(v / ts for v in t["samples_ts"])
        assert abs(t["ratio"] - sum(ratios) / 2) < 1e-6 * t["ratio"], t
        assert abs(t["ratio_min"] - ratios[0]) < 1e-6 * ratios[0], t
    with open(log) as f:
        lines = f.read().splitlines()
    m = "-m " + model()
    assert lines == [m + " -p 8 -n 4 -r 1 -t 1 -o json",
                     m + " -p 0 -n 4 -r 1 -t 1 -o json -d 16"] * 2, lines
    text = bench(*SMALL, "--peer", path("peer"), "-m", model()).stdout
    assert text.count(b"times as fast") == 2, text


@tap.case
def a_peer_that_fails_is_one_sentence():
    assert "no such model" in one_sentence(
        "echo loading >&2; echo no such model >&2; exit 3; :")
    assert "status 127" in one_sentence("/nonexistent/llama-bench")
    assert "no JSON" in one_sentence("echo hello; :")
    assert "no JSON" in one_sentence("echo '[1, 2'; :")
    assert "no test" in one_sentence("echo '[{}, 3]'; :")
    assert "avg_ts" in one_sentence(
        "echo '[{\"n_prompt\": 8, \"n_gen\": 0, \"avg_ts\": 0}]'; :")
    assert "MiB" in one_sentence("yes; :")
    assert "signal" in one_sentence("kill -9 $$; :")


@tap.case
def text_names_every_figure():
    text = bench(*SMALL, "-d", "16", "-m", model()).stdout.decode()
    for word in ("model", "cpu", "machine", "start", "prefill", "decode",
                 "deep", "memory"):
        assert any(line.startswith(word + " ") for line in
                   text.splitlines()), text


if __name__ == "__main__":
    sys.exit(tap.run())
