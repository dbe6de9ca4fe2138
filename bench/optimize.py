"""Runs `quill optimize` over files of slow queries; see optimize.sh.

usage: optimize.py QUILL DATABASES QUERIES [ID-PREFIX]
"""

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def read_queries(folder, prefix):
    """(id, database, statement) of every <database>.sql, its statements after lines "-- id: NAME"."""
    for file in sorted(Path(folder).glob("*.sql")):
        name, lines = None, []
        for line in file.read_text().splitlines() + ["-- id: "]:
            if not line.startswith("-- id: "):
                lines += [] if line.startswith("--") else [line]
                continue
            if name and name.startswith(prefix):
                yield name, file.stem, "\n".join(lines)
            name, lines = line[7:].strip(), []


def optimize(quill, database, statement):
    """The answer and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "slow.sql"
        file.write_text(statement)
        start = time.monotonic()
        done = subprocess.run(
            [quill, "optimize", str(file), "--db", str(database), "--provider", "rules", "--mode", "standard",
             "--out", folder, "--json", "--quiet"], capture_output=True, text=True)
        seconds = time.monotonic() - start
    if done.returncode not in (0, 1):
        sys.exit(f"{statement}\n{done.stderr}")
    return json.loads(done.stdout), seconds


def rows_of(quill, database, indexes, statement):
    """The answer as a sorted list, read with Python's own SQLite on a copy that has the indexes."""
    import sqlite3
    source = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    copy = sqlite3.connect(":memory:")
    source.backup(copy)
    for index in indexes:
        copy.execute(index)
    return sorted(map(repr, (tuple(f"{cell:.9e}" if isinstance(cell, float) else cell for cell in row)
                             for row in copy.execute(statement))))


def main():
    quill, databases, queries, prefix = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    gains, seconds, statuses, different = [], [], [], 0
    for name, stem, statement in read_queries(queries, prefix):
        database = databases / f"{stem}.sqlite"
        answer, took = optimize(quill, database, statement)
        gain = max(answer["speedup"] or 1, answer["speedup_with_indexes"] or 1)
        wrong = answer["status"] in ("WIN", "IMPROVED") and rows_of(quill, database, [], answer["before"]) != rows_of(
            quill, database, answer["indexes"], answer["after"])
        different += wrong
        gains.append(gain)
        seconds.append(took)
        statuses.append(answer["status"])
        print(f"{name:<42} {answer['status']:<10} {gain:9.2f}x  statement alone {answer['speedup']:9.2f}x {took:6.1f} s  "
              f"{'+'.join(answer['rules'])}{'  DIFFERENT ROWS' if wrong else ''}", flush=True)
    wins = statuses.count("WIN")
    geomean = math.exp(sum(map(math.log, gains)) / len(gains))
    median = sorted(seconds)[len(seconds) // 2]
    print(f"{len(gains)} queries: {wins} WIN ({100 * wins / len(gains):.0f} %), {statuses.count('IMPROVED')} IMPROVED, "
          f"geometric mean over all {geomean:.2f}x, {different} with different rows, median answer {median:.1f} s, "
          f"longest {max(seconds):.1f} s")
    return 0 if wins >= 0.7 * len(gains) and geomean >= 4 and different == 0 and median < 10 else 1


if __name__ == "__main__":
    sys.exit(main())
