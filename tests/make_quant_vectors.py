#!/usr/bin/env python3
"""Makes the files that the tensor types are checked with.

    python3 tests/make_quant_vectors.py grids engine/quant_grid.c
    python3 tests/make_quant_vectors.py vectors tests/vectors/quant

For development only: it needs the packages "gguf" and "numpy"; the tests
read what it wrote.  A file of vectors (little-endian) holds

    u32 type, block, bytes, blocks      the type and how many blocks follow
    u8[blocks * bytes]                  blocks: sound ones, all bits set,
    f32[blocks * block]                 extreme scales; and their values
    u32 many, u64 sum                   the sum (FNV-1a over 32-bit words,
                                        -0 as 0) of the values of so many
                                        blocks of the generator below

The values are those of gguf.quants.dequantize; for Q8_1 and Q8_K, which the
package does not decode, scale times byte.  The generator and put_scale() are
those of tests/quant_blocks.h.
"""
import os
import struct
import sys

import numpy as np
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as Type

# Where a block has its f16 scale and minimum.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q8_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
    "Q5_K": [0, 2], "Q6_K": [208], "IQ2_XXS": [0], "IQ2_XS": [0],
    "IQ2_S": [0], "IQ3_XXS": [0], "IQ3_S": [0], "IQ1_S": [0], "IQ4_NL": [0],
    "IQ4_XS": [0], "TQ1_0": [52], "TQ2_0": [64],
}
TYPES = ["F32", "F16", "BF16", *SCALES, "Q8_K", "IQ1_M", "MXFP4", "NVFP4"]
EXTREMES = [(0x7bff, 0xfbff), (0x0001, 0x8001), (0x7c00, 0x7e00)]
MANY = 1024


def sizes(name):
    # the package still has the first layout of Q8_1, with scales in F32
    return (32, 36) if name == "Q8_1" else GGML_QUANT_SIZES[Type[name]]


def half(h):
    return float(np.array([h], np.uint16).view(np.float16)[0])


def put_scale(name, b, d, m):
    if name in SCALES:
        for at, h in zip(SCALES[name], (d, m)):
            struct.pack_into("<H", b, at, h)
    elif name == "Q8_K":
        struct.pack_into("<f", b, 0, half(d))
    elif name == "IQ1_M":           # a nibble at the top of four words
        for i in range(4):
            at = 48 + i * 2 + 1
            b[at] = b[at] & 15 | (d >> i * 4 & 15) << 4
    elif name == "MXFP4":           # an exponent alone
        e = d >> 10 & 31
        b[0] = 255 if e == 31 else e + 112 if e else d & 1


class Generator:
    def __init__(self):
        self.seed = 1

    def next(self):
        self.seed = (self.seed * 1664525 + 1013904223) & 0xffffffff
        return self.seed >> 16

    def scale(self):                # of either sign, 1/16 to 1/8
        return self.next() & 0x83ff | 0x2c00

    def block(self, name):
        b = bytearray(self.next() & 255 for _ in range(sizes(name)[1]))
        d = self.scale()
        put_scale(name, b, d, self.scale())
        return b


def blocks_of(name):
    gen, size = Generator(), sizes(name)
    times = 1 if size[0] == 256 else 2
    out = []
    if size[0] == 1:
        return [bytes(gen.next() & 255 for _ in range(size[1]))
                for _ in range(300)]
    for _ in range(times):
        out.append(gen.block(name))
        out.append(bytearray(b"\xff" * size[1]))
        put_scale(name, out[-1], gen.scale(), gen.scale())
        for d, m in EXTREMES:
            out.append(gen.block(name))
            put_scale(name, out[-1], d, m)
    return out


def values(name, data):
    block, size = sizes(name)
    if name not in ("Q8_1", "Q8_K"):
        raw = np.frombuffer(data, np.uint8).reshape(-1, size)
        return quants.dequantize(raw, Type[name]).astype(np.float32).ravel()
    rows = np.frombuffer(data, np.uint8).reshape(-1, size)
    if name == "Q8_1":
        d = rows[:, :2].copy().view(np.float16).astype(np.float32)
    else:
        d = rows[:, :4].copy().view(np.float32)
    q = rows[:, 4:4 + block].view(np.int8).astype(np.float32)
    return (d * q).ravel()


def fnv(words):
    h = 0xcbf29ce484222325
    for w in words.tolist():
        h = (h ^ w) * 0x100000001b3 & 0xffffffffffffffff
    return h


def vectors(folder):
    os.makedirs(folder, exist_ok=True)
    np.seterr(all="ignore")
    for name in TYPES:
        block, size = sizes(name)
        data = blocks_of(name)
        raw = b"".join(data)
        gen = Generator()
        many = MANY if block > 1 else 0
        big = b"".join(gen.block(name) for _ in range(many))
        total = fnv((values(name, big) + np.float32(0)).view(np.uint32)) \
            if many else 0
        with open(os.path.join(folder, name + ".vec"), "wb") as f:
            f.write(struct.pack("<4I", Type[name], block, size, len(data)))
            f.write(raw)
            f.write(values(name, raw).astype("<f4").tobytes())
            f.write(struct.pack("<IQ", many, total))


GRIDS = [                           # name, what it is, class, bits a value
    ("grid_iq2_xxs", "eights of 8, 25, 43", quants.IQ2_XXS, 2),
    ("grid_iq2_xs", "eights of 8, 25, 43", quants.IQ2_XS, 2),
    ("grid_iq2_s", "eights of 8, 25, 43", quants.IQ2_S, 2),
    ("grid_iq1", "eights of -1, 0, 1", quants.IQ1_S, 2),
    ("grid_iq3_xxs", "fours of 4, 12, 20, 28, 36, 44, 52, 62",
     quants.IQ3_XXS, 4),
    ("grid_iq3_s", "fours of 1, 3 .. 15", quants.IQ3_S, 4),
]
LEVELS = [                          # name, class, whether of 16 values
    ("level_iq2", quants.IQ2_S, False),
    ("level_iq3_xxs", quants.IQ3_XXS, False),
    ("level_iq3_s", quants.IQ3_S, False),
    ("level_iq4", quants.IQ4_NL, True),
    ("level_fp4", quants.MXFP4, True),
]


def grids(path):
    with open(path, "w") as f:
        f.write("""\
/* quant_grid.c -- the code books of the "IQ" types: points of a lattice, each
 * in 16 bits, the first value lowest.  A value is the place of a level in the
 * list given with each table.  They are facts of the file format, written by
 * tests/make_quant_vectors.py. */
#include "quant_grid.h"
""")
        for name, what, cls, bits in GRIDS:
            cls.init_grid()
            rows = cls.grid.reshape(cls.grid_shape)
            levels = list(cls.grid_map)
            points = [sum(levels.index(int(v)) << i * bits
                          for i, v in enumerate(row)) for row in rows]
            f.write(f"\n/* {what} */\nconst uint16_t {name}[{len(points)}]"
                    " = {\n")
            for i in range(0, len(points), 10):
                f.write("\t" + "".join(f"{p:#06x}," for p in
                                       points[i:i + 10]) + "\n")
            f.write("};\n")
        f.write("\n")
        for name, cls, kind in LEVELS:
            levels = cls.kvalues if kind else cls.grid_map
            room = 16 if kind else 4 if len(levels) < 4 else 8
            text = ", ".join(str(int(v)) for v in levels)
            f.write(f"const int8_t {name}[{room}] = {{\n\t{text}\n}};\n")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("grids", "vectors"):
        sys.exit(__doc__)
    (grids if sys.argv[1] == "grids" else vectors)(sys.argv[2])
