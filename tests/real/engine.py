#!/usr/bin/env python3
"""The engine on the real default model.  Would catch a wrong formula
anywhere between the file and the logits, and formats of fikr-engine that
drifted from what its users read."""
import glob, json, os, subprocess, tempfile
from tap import *

tap = Tap()
ENGINE = program("fikr-engine")


def engine(*args, stdin=b"", env=None):
    return subprocess.run([ENGINE, *args], input=stdin, capture_output=True,
                          timeout=600, env=dict(os.environ, **(env or {})))


def out(*args, **kw):
    r = engine(*args, **kw)
    assert r.returncode == 0, r.stderr.decode()[-300:]
    return r.stdout.decode()


@tap.case
def perplexity_of_the_licence_is_18_4():
    figure = float(out("perplexity", "-c", "512", MODEL,
                       os.path.join(SRC, "COPYING")).split()[-1])
    assert abs(figure / 18.4 - 1) < 0.01, figure


@tap.case
def greedy_text_is_the_same_twice_and_names_paris():
    args = ("generate", "--temp", "0", "-n", "12", MODEL,
            "The capital of France is")
    first = out(*args)
    assert "Paris" in first, first
    assert out(*args) == first


FAMILIES = [c for c in ("avx2", "avx512", "amx") if engine(
    "generate", "-n", "1", MODEL, "One", env={"FIKR_CPU": c}).returncode == 0]


@tap.case
def every_kernel_family_says_the_same():
    args = ("generate", "--temp", "0", "-n", "8", MODEL, "One, two, three,")
    plain = out(*args, env={"FIKR_CPU": "scalar"})
    for c in FAMILIES:
        assert out(*args, env={"FIKR_CPU": c}) == plain, c


@tap.case
def perplexity_hangs_on_no_kernel_family():
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(open(os.path.join(SRC, "COPYING")).read()[:9000])
        f.flush()

        def of(c):
            return float(out("perplexity", "-c", "512", MODEL, f.name,
                             env={"FIKR_CPU": c}).split()[-1])
        plain = of("scalar")
        for c in FAMILIES:
            assert abs(of(c) / plain - 1) < 0.005, (c, of(c), plain)


@tap.case
def sixteen_tokens_at_once_are_those_one_by_one_to_the_bit():
    tokens = ",".join(str(i * 977 % 49152) for i in range(1, 17))
    both = [engine("logits", *how, "--tokens", tokens, MODEL).stdout
            for how in ([], ["--decode"])]
    assert len(both[0]) == 16 * 49152 * 4 and both[0] == both[1]


@tap.case
def the_profile_names_each_step():
    r = engine("generate", "-n", "3", MODEL, "One, two,",
               env={"FIKR_PROFILE": "1"})
    text = r.stderr.decode()
    assert r.returncode == 0 and "prompts: " in text, text
    for step in ("q k v", "attention", "gate up", "down", "head"):
        assert step in text.split("single tokens: ")[1], text


@tap.case
def tokens_of_the_default_model():
    lines = [{"text": "Hello world", "special": False},
             {"text": "<|im_end|>", "special": True},
             {"text": "<|im_end|>", "special": False}]
    feed = "".join(json.dumps(x) + "\n" for x in lines).encode()
    ids = [json.loads(x) for x in
           out("tokenize", MODEL, stdin=feed).splitlines()]
    assert ids[0] == [19556, 905] and ids[1] == [2], ids
    assert 2 not in ids[2] and len(ids[2]) > 2, ids


@tap.case
def inspect_shows_what_it_is():
    text = out("inspect", MODEL)
    assert "llama" in text and "Q4_1" in text and "30" in text, text[:400]


@tap.case
def every_command_has_help_and_usage_errors_are_2():
    for c in ("generate", "tokenize", "logits", "inspect", "bench",
              "perplexity", "render"):
        text = out(c, "--help")
        assert c in text and max(map(len, text.split("\n"))) <= 80, text
        assert engine(c, "--no-such-option").returncode == 2, c
    assert engine("no-such-command").returncode == 2
    assert max(map(len, out("--help").split("\n"))) <= 80


@tap.case
def a_model_that_cannot_be_read_is_one_sentence():
    r = engine("inspect", "/nonexistent.gguf")
    text = r.stderr.decode()
    assert r.returncode == 1 and text.count("\n") == 1, text
    assert "/nonexistent.gguf" in text


raise SystemExit(tap.run([NEEDS_MODEL]))
