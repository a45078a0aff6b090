"""Talking to a real fikr-worker over pipes, as fikr does, for tests."""

import json
import os
import re
import select
import subprocess

from tap import MODEL, PATIENCE, SRC, program

with open(os.path.join(SRC, "src", "proto.h")) as f:
    VERSION = int(re.search(r"define PROTO_VERSION (\d+)", f.read()).group(1))


class Worker:
    def __init__(self, stderr=subprocess.DEVNULL, **env):
        self.p = subprocess.Popen([program("fikr-worker")], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=stderr,
                                  env={**os.environ, **env})
        self.data = b""

    def raw(self, line):
        self.p.stdin.write(line + b"\n")
        self.p.stdin.flush()

    def send(self, **msg):
        self.raw(json.dumps(msg).encode())

    def recv(self):
        """The next message, or None at the end."""
        while b"\n" not in self.data:
            if not select.select([self.p.stdout], [], [], PATIENCE)[0]:
                raise AssertionError("the worker is silent")
            more = os.read(self.p.stdout.fileno(), 65536)
            if not more:
                assert self.data == b"", "half a line at the end"
                return None
            self.data += more
        line, self.data = self.data.split(b"\n", 1)
        return json.loads(line.decode("utf-8"))

    def until(self, kind, **want):
        """Messages up to the first of this kind (and these values)."""
        seen = []
        while True:
            m = self.recv()
            assert m is not None, "ended before %s" % kind
            seen.append(m)
            if m["type"] == kind and all(m[k] == want[k] for k in want):
                return seen

    def hello(self):
        self.send(type="hello", version=VERSION, program="tests")

    def load(self, **how):
        """What it says of the model: the default one, if not told."""
        self.hello()
        self.send(type="load", **{"model": MODEL, "context": 2048, **how})
        return self.until("loaded")[-1]

    def generate(self, id, text, **more):
        messages = more.pop("messages", [{"role": "user", "text": text}])
        self.send(type="generate", id=id, messages=messages, **more)

    def end(self):
        self.p.stdin.close()
        rest = []
        while (m := self.recv()) is not None:
            rest.append(m)
        return self.p.wait(PATIENCE), rest

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.kill()
        self.p.wait()
        self.p.stdout.close()
        if self.p.stdin and not self.p.stdin.closed:
            try:
                self.p.stdin.close()
            except BrokenPipeError:
                pass


def text_of(messages, channel):
    return "".join(m["text"] for m in messages
                   if m["type"] == "delta" and m["channel"] == channel)
