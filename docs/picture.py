#!/usr/bin/env python3
"""picture.py -- what `tmux capture-pane -e -p` printed, as an SVG picture.

    tmux capture-pane -e -p -N | docs/picture.py [--light] >docs/screen.svg

Box-drawing characters become lines, so that they join from row to row.
"""
import html, re, sys, unicodedata

CW, CH, PAD = 8.4, 18, 12
BASE = ["#15161e", "#f7768e", "#9ece6a", "#e0af68", "#7aa2f7", "#bb9af7",
        "#7dcfff", "#a9b1d6", "#414868", "#f7768e", "#9ece6a", "#e0af68",
        "#7aa2f7", "#bb9af7", "#7dcfff", "#c0caf5"]
LIGHT = "--light" in sys.argv
FG, BG = ("#343b58", "#fbfbf8") if LIGHT else ("#c0caf5", "#1a1b26")


def colour(n):
    """One of the 256 colours as #rrggbb."""
    if n < 16:
        return BASE[n]
    if n >= 232:
        return "#%02x%02x%02x" % ((8 + 10 * (n - 232),) * 3)
    n -= 16
    return "#%02x%02x%02x" % tuple(0 if c == 0 else 55 + 40 * c for c in
                                   (n // 36, n // 6 % 6, n % 6))


def sgr(params, st):
    """Apply one SGR sequence to the state."""
    p = [int(x or 0) for x in re.split("[;:]", params)] or [0]
    while p:
        c = p.pop(0)
        if c == 0:
            st.clear()
        elif c in (1, 2, 3, 4, 7, 9):
            st[{1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "rev",
                9: "strike"}[c]] = True
        elif c in (22, 23, 24, 27, 29):
            for k in {22: ("bold", "dim"), 23: ("italic",), 24: ("under",),
                      27: ("rev",), 29: ("strike",)}[c]:
                st.pop(k, None)
        elif c in (38, 48) and p:
            key = "fg" if c == 38 else "bg"
            kind = p.pop(0)
            if kind == 5 and p:
                st[key] = colour(p.pop(0))
            elif kind == 2 and len(p) >= 3:
                st[key] = "#%02x%02x%02x" % tuple(p[:3])
                del p[:3]
        elif c == 39:
            st.pop("fg", None)
        elif c == 49:
            st.pop("bg", None)
        elif 30 <= c <= 37 or 90 <= c <= 97:
            st["fg"] = BASE[c - 30 if c < 90 else c - 82]
        elif 40 <= c <= 47 or 100 <= c <= 107:
            st["bg"] = BASE[c - 40 if c < 100 else c - 92]


def cols(ch):
    if unicodedata.combining(ch) or unicodedata.category(ch) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1


# Arms of the light box-drawing characters: left, right, up, down.
BOX = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu",
       "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud",
       "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}


def box(x, y, ch, colour_, opacity):
    """One box-drawing character, as lines from the middle of its cell."""
    l, t = PAD + x * CW, PAD + y * CH
    mx, my = l + CW / 2, t + CH / 2
    ends = {"l": (l, my), "r": (l + CW, my), "u": (mx, t), "d": (mx, t + CH)}
    d = "".join("M%.1f %.1fL%.1f %.1f" % (mx, my, *ends[a]) for a in BOX[ch])
    return '<path d="%s" stroke="%s"%s/>' % (d, colour_, opacity)


def run(x, y, text, st):
    """One run of equal style."""
    fg, bg = st.get("fg", FG), st.get("bg")
    if st.get("rev"):
        fg, bg = bg or BG, fg
    n = sum(cols(c) for c in text)
    px, py = PAD + x * CW, PAD + y * CH
    out = ""
    if bg:
        out += '<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>' % (
            px, py, n * CW + .3, CH, bg)
    opacity = ' opacity=".6"' if st.get("dim") else ""
    at = x
    for ch in text:
        if ch in BOX:
            out += box(at, y, ch, fg, opacity)
        elif ch == "▎":
            out += '<rect x="%.1f" y="%.1f" width="2" height="%d" fill="%s"/>' % (
                PAD + at * CW, PAD + y * CH, CH, fg)
        at += cols(ch)
    text = "".join(" " if c in BOX or c == "▎" else c for c in text)
    look = 'fill="%s"%s%s%s%s' % (
        fg, ' font-weight="bold"' if st.get("bold") else "",
        ' font-style="italic"' if st.get("italic") else "", opacity,
        ' text-decoration="underline"' if st.get("under") else
        ' text-decoration="line-through"' if st.get("strike") else "")
    for piece in pieces(text):
        n = sum(cols(c) for c in piece)
        if piece.strip():
            out += '<text x="%.1f" y="%.1f" %s textLength="%.1f">%s</text>' % (
                PAD + x * CW, py + 13.5, look, n * CW, html.escape(piece))
        x += n
    return out


def pieces(text):
    """Letters written from right to left stand alone, marks with them: they
    are in display order already, and nobody is to turn them again."""
    out, plain = [], True
    for ch in text:
        rtl = unicodedata.bidirectional(ch) in ("R", "AL")
        if out and cols(ch) == 0 or out and plain and not rtl:
            out[-1] += ch
        else:
            out.append(ch)
        plain = not rtl and plain if cols(ch) == 0 else not rtl
    return out


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    body, st, width = [], {}, 0
    for y, line in enumerate(lines):
        x = 0
        for part in re.split("(\x1b\\[[0-9;:]*m)", line):
            if part.startswith("\x1b["):
                sgr(part[2:-1], st)
            elif part:
                part = re.sub("\x1b[^a-zA-Z]*[a-zA-Z]|[\x00-\x1f]", "", part)
                body.append(run(x, y, part, st))
                x += sum(cols(c) for c in part)
        width = max(width, x)
    w, h = 2 * PAD + width * CW, 2 * PAD + len(lines) * CH
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">'
          '<rect width="100%%" height="100%%" rx="8" fill="%s"/>'
          '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" '
          'font-size="14" xml:space="preserve">' % (w, h, BG))
    print("\n".join(b for b in body if b))
    print("</g></svg>")


main()
