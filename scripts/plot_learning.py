#!/usr/bin/env python3
"""Draws what a training run learned as one SVG: the loss of each step, on a log scale.

usage: plot_learning.py RUN/metrics.jsonl "TITLE" > picture.svg

The dots are single steps; the line is the mean of the fifty steps up to each point.
"""

import json
import math
import sys
from html import escape

WIDTH, HEIGHT = 760, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 34, 44
SPAN = 50


def read(path):
    with open(path, encoding="utf-8") as file:
        return [(row["step"], row["loss"]) for row in map(json.loads, file)]


def means(points):
    losses = [loss for _, loss in points]
    for at, (step, _) in enumerate(points):
        window = losses[max(0, at - SPAN + 1):at + 1]
        yield step, sum(window) / len(window)


def draw(points, title):
    last = points[-1][0]
    least, most = (math.log10(f(loss for _, loss in points)) for f in (min, max))
    low, high = math.floor(least), math.ceil(most)
    x = lambda step: LEFT + step / last * (WIDTH - LEFT - RIGHT)
    y = lambda loss: TOP + (high - math.log10(loss)) / (high - low) * (HEIGHT - TOP - BOTTOM)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'font-family="sans-serif" font-size="12" fill="#222">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>']
    for power in range(low, high + 1):
        at = f"{y(10.0 ** power):.1f}"
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{at}" dy="4" text-anchor="end">{10.0 ** power:g}</text>')
    tick = 10 ** math.floor(math.log10(last)) // 5 or 1
    for step in range(0, last + 1, tick):
        parts.append(f'<text x="{x(step):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                     f'text-anchor="middle">{step}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
                 'step</text>')
    for step, loss in points[::max(1, last // 200)]:
        parts.append(f'<circle cx="{x(step):.1f}" cy="{y(loss):.1f}" r="1.5" fill="#1a6f3c" '
                     'opacity="0.35"/>')
    line = " ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in list(means(points))[::8])
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1a6f3c" stroke-width="2"/>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.stdout.write(draw(read(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
