"""Write GGUF files (version 3, little-endian), whole or split in parts.

Keys are a dict (or pairs) of name to value: bool, int (u32, or i32 when
negative), float (f32), str, a list of one of these, or Typed(kind, value) for
anything else.  Tensors are a list of Tensor; ne[0] is the contiguous dimension,
as in the format itself."""

import struct

KINDS = {"u8": (0, "<B"), "i8": (1, "<b"), "u16": (2, "<H"), "i16": (3, "<h"),
         "u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f"),
         "bool": (7, "<?"), "str": (8, None), "array": (9, None),
         "u64": (10, "<Q"), "i64": (11, "<q"), "f64": (12, "<d")}
F32, F16, Q8_0, BF16 = 0, 1, 8, 30
FLOATS = {F32: "f", F16: "e"}
ALIGN = 32


class Typed:
    """A value whose type is said: Typed("u64", 5), Typed("array",
    ("u16", [1, 2]))."""

    def __init__(self, kind, value):
        self.kind, self.value = kind, value


def q8_0(values):
    """Blocks of 32 in 8 bits: a factor in half precision before each."""
    out = []
    for i in range(0, len(values), 32):
        block = values[i:i + 32]
        d, = struct.unpack("<e", struct.pack("<e", max(map(abs, block)) / 127))
        q = [max(-127, min(127, round(v / d))) if d else 0 for v in block]
        out.append(struct.pack("<e32b", d, *q))
    return b"".join(out)


class Zeros:
    """The bytes of a tensor that is large and nothing but zeros: a hole in the
    file."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Tensor:
    """Values as numbers (F32, F16, Q8_0), or as the bytes of any type."""

    def __init__(self, name, ne, kind, data):
        self.name, self.ne, self.kind = name, list(ne), kind
        if isinstance(data, Zeros):
            self.data = data
        elif isinstance(data, (bytes, bytearray)):
            self.data = bytes(data)
        elif kind == Q8_0:
            self.data = q8_0(data)
        else:
            data = list(data)
            self.data = struct.pack("<%d%s" % (len(data), FLOATS[kind]), *data)


def text(s):
    raw = s.encode() if isinstance(s, str) else s
    return struct.pack("<Q", len(raw)) + raw


def kind_of(v):
    if isinstance(v, bool):
        return "bool"
    if isinstance(v, int):
        return "i32" if v < 0 else "u32"
    if isinstance(v, float):
        return "f32"
    if isinstance(v, (str, bytes)):
        return "str"
    raise TypeError("no GGUF type for %r" % (v,))


def scalar(kind, v):
    return text(v) if kind == "str" else struct.pack(KINDS[kind][1], v)


def key(name, v):
    if isinstance(v, Typed):
        kind, v = v.kind, v.value
    else:
        kind = "array" if isinstance(v, (list, tuple)) else kind_of(v)
    head = text(name) + struct.pack("<I", KINDS[kind][0])
    if kind != "array":
        return head + scalar(kind, v)
    if len(v) == 2 and v[0] in KINDS and isinstance(v[1], list):
        of, v = v
    else:
        of = "i32" if any(isinstance(e, int) and e < 0 for e in v) \
            else kind_of(v[0])
    return head + struct.pack("<IQ", KINDS[of][0], len(v)) + \
        b"".join(scalar(of, e) for e in v)


def padding(n):
    return -n % ALIGN


def infos(tensors):
    out, at = [], 0
    for t in tensors:
        out.append(text(t.name) + struct.pack("<I", len(t.ne)) +
                   struct.pack("<%dq" % len(t.ne), *t.ne) +
                   struct.pack("<IQ", t.kind, at))
        at += len(t.data) + padding(len(t.data))
    return b"".join(out)


def write(path, keys, tensors):
    """One file; its size."""
    pairs = list(keys.items() if isinstance(keys, dict) else keys)
    head = b"GGUF" + struct.pack("<Iqq", 3, len(tensors), len(pairs)) + \
        b"".join(key(k, v) for k, v in pairs) + infos(tensors)
    with open(path, "wb") as f:
        f.write(head + bytes(padding(len(head))))
        for t in tensors:
            if isinstance(t.data, Zeros):
                f.seek(len(t.data), 1)
            else:
                f.write(t.data)
            f.write(bytes(padding(len(t.data))))
        f.truncate()
        return f.tell()


def shares(tensors, parts, first_empty):
    """Runs of about the same number of tensors."""
    full = parts - 1 if first_empty else parts
    cut = [len(tensors) * i // full for i in range(full + 1)]
    runs = [tensors[a:b] for a, b in zip(cut, cut[1:])]
    return [[]] + runs if first_empty else runs


def write_split(stem, keys, tensors, parts, first_empty=False):
    """STEM-00001-of-0000N.gguf and so on, as the usual splitting tool does:
    all keys in the first part, only split.* in the others.  The paths."""
    paths = []
    for no, run in enumerate(shares(tensors, parts, first_empty)):
        mine = dict(keys) if no == 0 else {}
        mine["split.no"] = Typed("u16", no)
        mine["split.count"] = Typed("u16", parts)
        mine["split.tensors.count"] = Typed("i32", len(tensors))
        paths.append("%s-%05d-of-%05d.gguf" % (stem, no + 1, parts))
        write(paths[-1], mine, run)
    return paths


# ---- a vocabulary that can say every text ----

def byte_symbols():
    """GPT-2's printable character for each byte."""
    plain = list(range(33, 127)) + list(range(161, 173)) + \
        list(range(174, 256))
    odd = [b for b in range(256) if b not in plain]
    return {**{b: chr(b) for b in plain},
            **{b: chr(256 + i) for i, b in enumerate(odd)}}


CONTROL, USER_DEFINED = 3, 4
DEEPSEEK = [("<｜begin▁of▁sentence｜>", CONTROL),
            ("<｜end▁of▁sentence｜>", CONTROL),
            ("<｜▁pad▁｜>", CONTROL),
            ("<｜User｜>", USER_DEFINED), ("<｜Assistant｜>", USER_DEFINED),
            ("<think>", USER_DEFINED), ("</think>", USER_DEFINED)]
# What DeepSeek-R1's format comes to, said shortly.
R1_TEMPLATE = (
    "{% if messages[0]['role'] == 'system' %}{{ bos_token + "
    "messages[0]['content'] }}{% else %}{{ bos_token }}{% endif %}"
    "{% for message in messages %}"
    "{% if message['role'] == 'user' %}"
    "{{ '<｜User｜>' + message['content'] }}"
    "{% elif message['role'] == 'assistant' %}"
    "{% set content = message['content'].split('</think>')[-1] %}"
    "{{ '<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>' }}"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<｜Assistant｜><think>\\n' }}{% endif %}")


def vocabulary(specials=DEEPSEEK, pre="deepseek-v3", template=R1_TEMPLATE):
    """The keys of a byte-level vocabulary: 256 bytes, one merge, the specials
    (the first is BOS, the second EOS)."""
    symbol = byte_symbols()
    tokens = [symbol[b] for b in range(256)] + ["th"] + \
        [t for t, _ in specials]
    types = [1] * 257 + [kind for _, kind in specials]
    keys = {"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": pre,
            "tokenizer.ggml.tokens": tokens,
            "tokenizer.ggml.token_type": Typed("array", ("i32", types)),
            "tokenizer.ggml.merges": ["t h"],
            "tokenizer.ggml.bos_token_id": 257,
            "tokenizer.ggml.eos_token_id": 258,
            "tokenizer.ggml.add_bos_token": True,
            "tokenizer.ggml.add_eos_token": False}
    if template:
        keys["tokenizer.chat_template"] = template
    return keys
