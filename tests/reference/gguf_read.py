"""Read a sound GGUF file that holds F32, F16 and Q8_0 tensors: keys as a
dict, tensors as numpy arrays (float64, dimensions the other way round)."""

import struct

import numpy as np

SCALAR = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f",
          7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
TYPES = {0: np.dtype("<f4"), 1: np.dtype("<f2"),
         8: np.dtype([("d", "<f2"), ("q", "i1", 32)])}
BLOCK = {0: 1, 1: 1, 8: 32}


class Reader:
    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, form):
        v = struct.unpack_from(form, self.raw, self.at)[0]
        self.at += struct.calcsize(form)
        return v

    def text(self):
        n = self.take("<Q")
        self.at += n
        return self.raw[self.at - n:self.at].decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            of, n = self.take("<I"), self.take("<Q")
            return [self.value(of) for _ in range(n)]
        return self.take(SCALAR[kind])


def read(path):
    with open(path, "rb") as f:
        r = Reader(f.read())
    assert r.raw[:4] == b"GGUF", path
    r.at = 4
    version, n_tensors, n_keys = r.take("<I"), r.take("<q"), r.take("<q")
    assert version == 3, version
    keys = {}
    for _ in range(n_keys):
        name = r.text()
        keys[name] = r.value(r.take("<I"))
    infos = []
    for _ in range(n_tensors):
        name, dims = r.text(), r.take("<I")
        ne = [r.take("<q") for _ in range(dims)]
        infos.append((name, ne, r.take("<I"), r.take("<Q")))
    align = keys.get("general.alignment", 32)
    base = (r.at + align - 1) // align * align
    tensors = {}
    for name, ne, kind, offset in infos:
        v = np.frombuffer(r.raw, TYPES[kind], int(np.prod(ne)) // BLOCK[kind],
                          base + offset)
        if kind == 8:
            v = v["q"] * v["d"].astype(np.float64)[:, None]
        tensors[name] = v.astype(np.float64).reshape(ne[::-1])
    return keys, tensors
