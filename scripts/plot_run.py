#!/usr/bin/env python3
"""Draws two runs beside each other as one SVG: success rate over iterations, learned and frozen.

usage: plot_run.py LEARNED/metrics.json FROZEN/metrics.json > picture.svg

A line is the mean of the ten iterations up to each point; the dots are single iterations.
"""

import json
import sys

WIDTH, HEIGHT = 760, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 34, 44
SPAN = 10
SERIES = (("#1a6f3c", "learning"), ("#a04a00", "pool frozen"))


def read(path):
    with open(path, encoding="utf-8") as file:
        metrics = json.load(file)
    rows = [row for row in metrics["iterations"] if row["iteration"] > 0]
    return [(row["iteration"], row["asked"], row["kept"]) for row in rows], metrics["totals"]


def rates(rows):
    """(iteration, rate of it, rate of the last SPAN up to it)."""
    out = []
    for at, (iteration, asked, kept) in enumerate(rows):
        window = rows[max(0, at - SPAN + 1):at + 1]
        out.append((iteration, kept / asked, sum(r[2] for r in window) / sum(r[1] for r in window)))
    return out


def draw(runs):
    last = max(rows[-1][0] for rows, _ in runs)
    x = lambda i: LEFT + (i - 1) / max(1, last - 1) * (WIDTH - LEFT - RIGHT)
    y = lambda rate: TOP + (1 - rate) * (HEIGHT - TOP - BOTTOM)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'font-family="sans-serif" font-size="12" fill="#222">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             f'<text x="{LEFT}" y="20" font-size="14">success rate (kept / asked for), mean of ten '
             f'iterations</text>']
    for percent in range(0, 101, 20):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(percent / 100):.1f}" '
                     f'y2="{y(percent / 100):.1f}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{y(percent / 100) + 4:.1f}" text-anchor="end">'
                     f'{percent} %</text>')
    for iteration in [1] + list(range(10, last + 1, 10)):
        parts.append(f'<text x="{x(iteration):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                     f'text-anchor="middle">{iteration}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
                 'iteration</text>')
    for (color, name), (rows, totals) in zip(SERIES, runs):
        points = rates(rows)
        for iteration, rate, _ in points:
            parts.append(f'<circle cx="{x(iteration):.1f}" cy="{y(rate):.1f}" r="2" fill="{color}" '
                         'opacity="0.35"/>')
        line = " ".join(f"{x(i):.1f},{y(mean):.1f}" for i, _, mean in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2.5"/>')
        end = y(points[-1][2])
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{end:.1f}" fill="{color}">{name}</text>'
                     f'<text x="{WIDTH - RIGHT + 8}" y="{end + 15:.1f}" fill="{color}">'
                     f'{totals["distinct"]} distinct</text>')
    return "\n".join(parts + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.stdout.write(draw([read(path) for path in sys.argv[1:]]))


if __name__ == "__main__":
    main()
