#!/usr/bin/env python3
"""draw.py -- bench/results/*.json as a picture (bench/speed.svg) and as the
table in bench/README.md, between its two marks.

    bench/draw.py [NAME...]         the picture of these results (all)

In the picture a bar's full length is what the machine could do at most: the
product's multiply-adds for prefill, the bytes of the weights for decode."""
import glob
import html
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# An opaque ground of its own, so that it reads the same on any page.
GROUND, INK, DIM, TRACK = "#fbfbf8", "#22252f", "#5b6072", "#e3e3dd"
OURS, THEIRS = "#1f6feb", "#b4690e"
LEFT, LENGTH, ROW, WIDTH = 190, 440, 20, 860
BEGIN, END = "<!-- table -->\n", "<!-- end -->\n"


def results():
    out = []
    for path in sorted(glob.glob(os.path.join(HERE, "results", "*.json"))):
        with open(path) as f:
            out.append((os.path.splitext(os.path.basename(path))[0],
                        json.load(f)))
    return out


def kind(t):
    if t["n_prompt"]:
        return "prefill of %d" % t["n_prompt"]
    return "decode" + (" after %d" % t["n_depth"] if t["n_depth"] else "")


def speed(v):
    return "%.0f" % v if v >= 100 else "%.1f" % v


def median(t):
    return statistics.median(t["samples_ts"])


def peer_median(t):
    return statistics.median(t["peer_samples_ts"]) if "ratio" in t else None


# ---- the picture ----

class Picture:
    def __init__(self):
        self.parts, self.y = [], 14

    def text(self, x, s, colour=INK, size=13, more=""):
        self.parts.append('<text x="%d" y="%d" fill="%s" font-size="%d"%s>%s'
                          '</text>' % (x, self.y + 14, colour, size, more,
                                       html.escape(s)))

    def bar(self, x, length, colour):
        self.parts.append('<rect x="%d" y="%d" width="%.1f" height="14" '
                          'rx="2" fill="%s"/>' % (x, self.y + 3, length,
                                                  colour))

    def row(self, name, value, limit, colour, note=""):
        share = min(value / limit, 1.0) if limit else 0.0
        self.text(LEFT - 10, name, DIM, 12, ' text-anchor="end"')
        self.bar(LEFT, LENGTH, TRACK)
        self.bar(LEFT, max(share * LENGTH, 1.0), colour)
        self.text(LEFT + LENGTH + 10, "%s tokens/s%s" % (speed(value), note),
                  INK, 12)
        self.y += ROW

    def test(self, t):
        limit = t.get("limit_ts")
        self.text(20, kind(t), INK, 13, ' font-weight="600"')
        self.row("fikr", median(t), limit, OURS, ", %.0f %% of %s" % (
            100 * t["share_of_limit"], speed(limit)) if limit else "")
        if "ratio" in t:
            self.row(t["peer"], peer_median(t), limit, THEIRS,
                     "; fikr %.2f times" % t["ratio"])
        self.y += 8

    def result(self, kept):
        t = kept["tests"][0]
        self.text(20, t["model_filename"].replace(".gguf", ""), INK, 15,
                  ' font-weight="700"')
        self.y += 22
        macs = "bf16_macs" if "bf16_macs" in t else "int8_macs"
        self.text(20, "%s, %d threads, %s; reads %.1f GB/s, %.0f G "
                  "multiply-adds/s in %s" % (
                      t["cpu_info"], t["n_threads"], t["test_time"][:10],
                      t.get("read_bandwidth", 0) / 1e9,
                      t.get(macs, 0) / 1e9,
                      "BF16" if macs == "bf16_macs" else "8 bits"), DIM, 12)
        self.y += 26
        for t in kept["tests"]:
            self.test(t)
        self.y += 12

    def svg(self):
        self.text(20, "A bar's full length is the machine's own limit, "
                  "measured in the same run.", DIM, 12)
        self.y += 28
        return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" '
                'height="%d" viewBox="0 0 %d %d" font-family="sans-serif" '
                'role="img" aria-label="Speeds of fikr beside the machine\'s '
                'limits">\n<rect width="%d" height="%d" rx="8" fill="%s"/>\n'
                '%s\n</svg>\n' % (WIDTH, self.y, WIDTH, self.y, WIDTH, self.y,
                                  GROUND, "\n".join(self.parts)))


# ---- the table ----

def table(all_results):
    lines = ["| model | test | fikr | of the limit | peer | ratio (rounds) | "
             "start, memory | measured |", "|---|---|---|---|---|---|---|---|"]
    for _, kept in all_results:
        for t in kept["tests"]:
            first = t is kept["tests"][0]
            peer = ratio = start = ""
            if "ratio" in t:
                peer = "%s %s" % (t["peer"], speed(peer_median(t)))
                ratio = "%.2f (%.2f to %.2f)" % (
                    t["ratio"], t["ratio_min"], t["ratio_max"])
            if first and "start_ms" in t:
                start = "%.2f s, %.0f MiB" % (t["start_ms"] / 1e3,
                                              t["start_peak_rss"] / 2 ** 20)
            lines.append("| %s | %s | %s | %.0f %% of %s | %s | %s | %s | %s |"
                         % (t["model_filename"].replace(".gguf", "")
                            if first else "", kind(t), speed(median(t)),
                            100 * t.get("share_of_limit", 0),
                            speed(t.get("limit_ts", 0)), peer, ratio, start,
                            "%s, %s (%s), %d threads, commit %s" % (
                                t["test_time"][:10], t["cpu_info"],
                                t["backends"], t["n_threads"],
                                kept["commit"]) if first else ""))
    return "\n".join(lines) + "\n"


def main():
    found = results()
    wanted = sys.argv[1:] or [name for name, _ in found]
    picture = Picture()
    for name, kept in found:
        if name in wanted:
            picture.result(kept)
    with open(os.path.join(HERE, "speed.svg"), "w") as f:
        f.write(picture.svg())
    readme = os.path.join(HERE, "README.md")
    with open(readme) as f:
        before, rest = f.read().split(BEGIN)
    with open(readme, "w") as f:
        f.write(before + BEGIN + table(found) + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
