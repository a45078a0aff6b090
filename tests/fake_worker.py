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
    hostile      a thought and an answer full of what a terminal would obey
    محادثة       a thought and an answer in Arabic, with all that Markdown has
    loop N       say in the middle of the answer that it repeats N tokens
    late         go on for two more pieces after a cancel, before the done
    die          be killed in the middle of the answer
    refuse       an error instead of an answer

Each piece of six characters counts as a token.  While it thinks, or waits at
the gate behind the thinking, an answer_now ends that and a steer shows its text
and then one more line that repeats it.  When the last message is the
assistant's, the one before says what to play, and what is there already (text,
thought) is left out, with the gates in it.  Slots take turns, a piece each; a
second question to a slot waits.  A title (slot 2) is what the message says
behind "call it ", up to the full stop.  A measure counts words, and takes those as
cached that the slot's last question began with, too.  A model whose file is
called Fake-SOMETHING.gguf is given that name.  With FIKR_FAKE_NOTES set there
are notes on the model.
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
ARABIC_WORD = "محادثة"
ARABIC_THOUGHT = """يسأل المستخدم عن Linux، فأبدأ بالنسخة 6.1 ثم أعطي مثالا (قصيرا) بلغة Python.
Then one line in English.
"""
ARABIC_ANSWER = """# النواة Linux 6.1

كتب Linus Torvalds النواة سنة 1991، وهي اليوم في أكثر من 90% من الخوادم (servers) حول العالم، وما زالت **تنمو** كل يوم.

- اعرض الملفات بالأمر `ls -la`
- عنصر ثان فيه نص طويل يلتف على سطرين أو ثلاثة حين يضيق العمود
  1. عنصر فرعي

> كل شيء ملف.

| الاسم | الحجم | note |
|-------|------:|------|
| الملف الأول | 12 KB | جديد |
| second | 7 | نعم (yes) |

```python
# احسب المجموع
name = "مرحبا" + x  # ثم اطبع
```

English stays at the left, مع كلمات عربية inside.

עברית (Hebrew): שלום!
"""
HOSTILE = ("\x1b[31mred\x1b]52;c;eA==\x07\x1b]0;owned\x1b\\ \x1bP1$r\x1b\\ "
           "\x9b2J \x9d0;x\x9c over\rtyped \b\b\x7f \x0e "
           "\u202eabc\u202c \u2066x\u2069 \u200f \u200b \ufeff")
HOSTILE_ANSWER = f"""# {HOSTILE}

> {HOSTILE}

1. `{HOSTILE}`

```{HOSTILE}
{HOSTILE}
```

| {HOSTILE} | b |
|---|---|
| {HOSTILE} | {HOSTILE} |

[{HOSTILE}](http://a/{HOSTILE}) <http://b/\x1b]52;c;eA==\x07> &#27;[31m &#155;

That was all.
"""
NOTES = ["this model's chat template is not one that fikr knows; a plain "
         "format is used: --chat-format NAME names another.",
         "Of 404 GB of weights about 21 GB will stay in memory."]
WIDE = "日本語のテキストは幅が二倍です。 Emoji: 🙂 and ❤️ and 👨‍👩‍👧."


LIMITS = {"read_bytes_s": 10e9, "decode_bytes": 1 << 28,
          "kv_bytes_token": 1 << 16, "threads": 2}
CONTEXT = 2048
TITLES = 2          # the slot that titles are written in


def words_of(messages):
    """All words, and how many there are up to the end of each message."""
    words, ends = [], []
    for m in messages:
        words += m["text"].split()
        ends.append(len(words))
    return words, ends


class Job:
    """One generation: play() yields after each piece, and "wait" at gates."""

    def __init__(self, worker, m):
        self.worker = worker
        self.id = m["id"]
        self.slot = m.get("slot", 0)
        self.thought = m.get("thought")
        self.going_on = m["messages"][-1]["role"] == "assistant"
        self.open = m.get("thought_open", False) or not self.going_on
        self.given = m["messages"][-1]["text"] if self.going_on else ""
        texts = [x["text"] for x in m["messages"] if x["role"] == "user"]
        self.text = texts[-1] if texts else ""
        self.words = self.text.split()
        if self.slot == TITLES:
            self.words, self.open = [], False
        self.counts = {"thinking": 0, "answer": 0}
        self.steers = []
        self.hurry = False
        self.cancelled = False
        self.steps = self.play()

    def number(self, word):
        at = self.words.index(word) + 1 if word in self.words else 0
        return int(self.words[at]) if 0 < at < len(self.words) else 0

    def piece(self, channel, text, tokens=1):
        self.worker.say(type="delta", id=self.id, channel=channel, text=text,
                        ids=[1] * tokens)
        self.counts[channel] += tokens

    def stream(self, channel, text):
        """A few characters a message, as tokens come."""
        for i in range(0, len(text), 6):
            if channel == "thinking" and self.hurry:
                return
            self.piece(channel, text[i:i + 6])
            yield
            if channel == "thinking":
                yield from self.steered()

    def steered(self):
        while self.steers:
            text = self.steers.pop(0)
            self.piece("thinking", text, tokens=0)
            yield from self.stream("thinking", f"\nI was told: {text}\n")

    def gate(self, thinking=False):
        path = os.environ.get("FIKR_FAKE_GATE", "")
        while not os.path.exists(path):
            if thinking:
                yield from self.steered()
                if self.hurry:
                    return
            yield "wait"
        os.unlink(path)

    def think(self):
        lines = [f"Step {i + 1}: this is what the model tells itself before "
                 f"it answers.\n" for i in range(self.number("think"))]
        if ARABIC_WORD in self.text:
            lines = [ARABIC_THOUGHT]
        if "hostile" in self.text:
            lines = [HOSTILE + "\n"]
        if self.thought and "".join(lines).startswith(self.thought):
            lines = ["".join(lines)[len(self.thought):]]
        elif self.thought:
            lines = ["Going on with that.\n"]
        for line in lines:
            yield from self.stream("thinking", line)
        if "gate" in self.words:
            yield from self.gate(thinking=True)

    def whole_answer(self):
        if self.slot == TITLES:
            return self.text.partition("call it ")[2].partition(".")[0]
        if "markdown" in self.text:
            return MARKDOWN
        if "controls" in self.text:
            return CONTROLS
        if ARABIC_WORD in self.text:
            return ARABIC_ANSWER
        if "hostile" in self.text:
            return HOSTILE_ANSWER
        if "arabic" in self.text:
            return ARABIC
        if "wide" in self.text:
            return WIDE
        if "long" in self.text:
            return "\n".join(f"{i}. Item number {i} of the long answer."
                             for i in range(1, self.number("long") + 1))
        return f"You said: {self.text}"

    def answer(self):
        answer, at = self.whole_answer(), len(self.given)
        if not answer.startswith(self.given):
            answer = self.given + " And so on."
        half = max(len(answer) // 2, at)
        yield from self.stream("answer", answer[at:half])
        if "die" in self.words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "loop" in self.words:
            self.worker.say(type="looping", id=self.id,
                            period=self.number("loop"))
        if "slow" in self.words and at < len(answer) // 2:
            yield from self.gate()
        yield from self.stream("answer", answer[half:])

    def progress(self, done):
        self.worker.say(type="progress", what="read", id=self.id, done=done,
                        total=100)

    def play(self):
        self.progress(30)
        if "early" in self.words:
            yield from self.gate()
        self.progress(100)
        if self.open:
            yield from self.think()
        yield from self.answer()

    def refuse(self):
        self.worker.say(type="error", id=self.id, text="The message is too "
                        "long for the context: 9000 tokens, 2048 fit; "
                        "shorten it.")

    def step(self):
        """False once it is over; then done was said."""
        if "refuse" in self.words:
            self.refuse()
            self.done("error")
            return False
        if self.cancelled:
            for i in range(2 if "late" in self.words else 0):
                self.piece("answer", " late!")
            self.done("cancel")
            return False
        try:
            self.waiting = next(self.steps) == "wait"
            return True
        except StopIteration:
            self.done("stop")
            return False

    def done(self, reason):
        n = self.counts
        self.worker.say(
            type="done", id=self.id, reason=reason, prompt_tokens=100,
            cached_tokens=0, thinking_tokens=n["thinking"],
            answer_tokens=n["answer"],
            context_used=100 + n["thinking"] + n["answer"], prompt_ms=250.0,
            thinking_ms=n["thinking"] * 10.0, answer_ms=n["answer"] * 10.0,
            seed=7, digest="sha256:" + "0" * 64)


class Worker:
    def __init__(self):
        self.pending = b""
        self.jobs = []          # those of one slot take turns
        self.asked = {}         # slot: the words of its last question
        self.rate = float(os.environ.get("FIKR_FAKE_RATE", 0))
        self.due = 0

    def say(self, **message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def read(self, timeout):
        """Do what fikr said; False at the end of the pipe."""
        if not select.select([0], [], [], timeout)[0]:
            return True
        data = os.read(0, 65536)
        self.pending += data
        *lines, self.pending = self.pending.split(b"\n")
        for line in lines:
            self.handle(json.loads(line))
        return bool(data)

    def load(self, m):
        for job in self.jobs:
            job.done("cancel")
        self.jobs.clear()
        self.asked.clear()
        name = os.path.basename(m["model"]).removesuffix(".gguf")
        self.say(type="progress", what="load", id=0, done=50, total=100)
        self.say(type="loaded", arch="llama", format="chatml",
                 name=name if name.startswith("Fake-") else
                 "Fake-7B-Instruct", context=CONTEXT, bytes=1 << 20,
                 thinker=os.environ.get("FIKR_FAKE_THINKER", "native"),
                 cpu="scalar", notes=NOTES
                 if "FIKR_FAKE_NOTES" in os.environ else [])

    def measure(self, m):
        words, ends = words_of(m["messages"])
        cached = os.path.commonprefix([words,
                                       self.asked.get(m.get("slot", 0), [])])
        self.say(type="measured", id=m["id"], tokens=len(words),
                 cached=len(cached), ends=ends, context=CONTEXT)

    def generate(self, m):
        self.asked[m.get("slot", 0)] = words_of(m["messages"])[0]
        self.jobs.append(Job(self, m))

    def handle(self, m):
        kind = m["type"]
        job = next((j for j in self.jobs if j.id == m.get("id")), None)
        if kind == "hello":
            self.say(type="hello", version=m["version"],
                     program="fake_worker")
        elif kind == "quit":
            sys.exit(0)
        elif kind == "limits":
            self.say(type="limits", **LIMITS)
        elif kind in ("load", "measure", "generate"):
            getattr(self, kind)(m)
        elif job and kind == "cancel":
            job.cancelled = True
        elif job and kind == "answer_now":
            job.hurry = True
        elif job and kind == "steer":
            job.steers.append(m["text"])

    def turn(self):
        """A step for each slot; whether all only wait."""
        turns, busy = [], set()
        for job in self.jobs:
            if job.cancelled or job.slot not in busy:
                turns.append(job)
            busy.add(job.slot)
        waiting = True
        for job in turns:
            if not job.step():
                self.jobs.remove(job)
                waiting = False
            elif not job.waiting:
                waiting = False
        return waiting

    def early(self):
        """Seconds until the next piece may come; at a rate, pieces keep to
        their times even if one was late."""
        now = time.monotonic()
        if not self.rate or not self.jobs or now >= self.due:
            self.due = max(self.due, now - 1) + 1 / (self.rate or 1)
            return 0
        return self.due - now

    def run(self):
        going = True
        pause = None
        while going or self.jobs:
            going = self.read(pause) if going else False
            early = self.early()
            if early and going:
                pause = early
                continue
            waiting = self.turn()
            if not going and waiting:
                return
            pause = None if not self.jobs else 0.01 if waiting else 0


if __name__ == "__main__":
    Worker().run()
