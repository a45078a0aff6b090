#!/usr/bin/env python3
"""A stand-in for fikr-worker: speaks the pipe's protocol (src/proto.h) and
plays what the words of the last message ask for, so that screens can be
compared with expected ones.

    think N      N lines of thinking first
    gate         wait, between thinking and answer, until the file named by
                 FIKR_FAKE_GATE appears (it is removed then)
    early        wait there while the prompt is being read instead
    slow         ... and once more in the middle of the answer
    long N       an answer of N numbered lines
    markdown, controls, arabic, wide    a sample of that
    die          be killed in the middle of the answer
    refuse       an error instead of an answer

With FIKR_FAKE_NOTES set there are notes on the model.
"""
import json
import os
import select
import signal
import sys
import time

MARKDOWN = """# Water

It boils at **100 °C** at *sea level*, and `lower` on a mountain.

- steam
- liquid water, which is what most people mean when they say water
  1. fresh
  2. salt

```c
int main(void)
{
\treturn 0;
}
```

| Place    | Boils at |
|----------|---------:|
| Sea      |   100 °C |
| Everest  |    70 °C |

> Water, water, every where,
> nor any drop to drink.
"""

CONTROLS = ("bell \a escape \x1b[31mred\x1b[0m title \x1b]0;pwned\x07 "
            "back \b return \rover bidi \u202eabc\u202c end\n")
ARABIC = "فكر يعني **التفكير** باللغة العربية."
NOTES = ["this model's chat template is not one that fikr knows; a plain "
         "format is used: --chat-format NAME names another.",
         "Of 404 GB of weights about 21 GB will stay in memory."]
WIDE = "日本語のテキストは幅が二倍です。 Emoji: 🙂 and ❤️ and 👨‍👩‍👧."


class Cancelled(Exception):
    pass


class Worker:
    def __init__(self):
        self.pending = b""
        self.lines = []
        self.id = 0
        self.counts = {"thinking": 0, "answer": 0}

    def say(self, **message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def read(self, timeout):
        """Take in what fikr said; False at the end of the pipe."""
        if not select.select([0], [], [], timeout)[0]:
            return True
        data = os.read(0, 65536)
        self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        self.lines += [json.loads(line) for line in lines]
        return bool(data)

    def check_cancel(self):
        if not self.read(0):
            sys.exit(0)
        for m in self.lines:
            if m["type"] == "cancel" and m["id"] == self.id:
                self.lines.remove(m)
                raise Cancelled

    def gate(self):
        path = os.environ.get("FIKR_FAKE_GATE", "")
        while not os.path.exists(path):
            self.check_cancel()
            time.sleep(0.01)
        os.unlink(path)

    def stream(self, channel, text):
        """A few characters a message, as tokens come."""
        for i in range(0, len(text), 6):
            self.say(type="delta", id=self.id, channel=channel,
                     text=text[i:i + 6])
            self.counts[channel] += 1
        self.check_cancel()

    def answer_text(self, text, number):
        if "markdown" in text:
            return MARKDOWN
        if "controls" in text:
            return CONTROLS
        if "arabic" in text:
            return ARABIC
        if "wide" in text:
            return WIDE
        if "long" in text:
            return "\n".join(f"{i}. Item number {i} of the long answer."
                             for i in range(1, number("long") + 1))
        return f"You said: {text}"

    def play(self, text):
        words = text.split()

        def number(word):
            at = words.index(word) + 1 if word in words else len(words)
            return int(words[at]) if at < len(words) else 0

        self.say(type="progress", what="read", id=self.id, done=30, total=100)
        if "early" in words:
            self.gate()
        self.say(type="progress", what="read", id=self.id, done=100,
                 total=100)
        for i in range(number("think")):
            self.stream("thinking", f"Step {i + 1}: this is what the model "
                        f"tells itself before it answers.\n")
        if "gate" in words:
            self.gate()
        answer = self.answer_text(text, number)
        half = len(answer) // 2
        self.stream("answer", answer[:half])
        if "die" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "slow" in words:
            self.gate()
        self.stream("answer", answer[half:])

    def generate(self, m):
        self.id = m["id"]
        self.counts = {"thinking": 0, "answer": 0}
        text = m["messages"][-1]["text"]
        reason = "stop"
        if "refuse" in text.split():
            self.say(type="error", id=self.id, text="The message is too long "
                     "for the context: 9000 tokens, 2048 fit; shorten it.")
            return
        try:
            self.play(text)
        except Cancelled:
            reason = "cancel"
        n = self.counts
        self.say(type="done", id=self.id, reason=reason, prompt_tokens=100,
                 cached_tokens=0, thinking_tokens=n["thinking"],
                 answer_tokens=n["answer"],
                 context_used=100 + n["thinking"] + n["answer"],
                 prompt_ms=250.0, thinking_ms=n["thinking"] * 10.0,
                 answer_ms=n["answer"] * 10.0, seed=7,
                 digest="sha256:" + "0" * 64)

    def handle(self, m):
        if m["type"] == "hello":
            self.say(type="hello", version=m["version"],
                     program="fake_worker")
        elif m["type"] == "load":
            self.say(type="progress", what="load", id=0, done=50, total=100)
            self.say(type="loaded", name="Fake-7B-Instruct", arch="llama",
                     format="chatml", context=2048, bytes=1 << 20,
                     thinker=os.environ.get("FIKR_FAKE_THINKER", "native"),
                     cpu="scalar", notes=NOTES
                     if "FIKR_FAKE_NOTES" in os.environ else [])
        elif m["type"] == "generate":
            self.generate(m)
        elif m["type"] == "quit":
            sys.exit(0)

    def run(self):
        while self.read(None):
            while self.lines:
                self.handle(self.lines.pop(0))


if __name__ == "__main__":
    Worker().run()
