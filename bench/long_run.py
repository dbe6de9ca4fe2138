#!/usr/bin/env python3
"""long_run.py [EXAMPLES]: how long a run with 10,000 kept examples takes to resume and to analyse.

Grows a short real run by copies of its own candidates, each with an index name of its own, then resumes it
(nothing is left to do), resumes it for one more iteration, and analyses it. Exit 1 when the resume takes 2 s,
either takes more than 300 MB, or the analysis more than 5 s. QUILL names the program.
"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUILL = os.environ.get("QUILL", str(ROOT / "build/quill"))
CANDIDATES = 4  # an iteration: half of them kept


def quill(work, arguments):
    """Seconds and megabytes that one command takes."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": work,
                   **{name: os.environ[name] for name in ("QUILL_LIBEXEC", "QUILL_DATA_DIR") if name in os.environ}}
    began = time.monotonic()
    child = subprocess.Popen([QUILL, *arguments, "--quiet"], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"error: quill {' '.join(arguments)} ended with {status}")
    return time.monotonic() - began, usage.ru_maxrss / 1024


def restem(work, folder, iterations):
    return quill(work, ["restem", "--db", f"{work}/shop.db", "--iterations", str(iterations), "--candidates",
                        str(CANDIDATES), "--measure", "steps", "--trust", "fast", "--checkpoint-every", "250", "--out",
                        folder, "--resume"])


def grow(file, examples):
    """Iterations 3, 4 … with copies of what is there, until there are `examples` kept."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA synchronous=OFF")
    kept = database.execute(
        "SELECT c.problem, c.candidate, v.verdict, e.example FROM example e JOIN candidate c USING (iteration, "
        "position) JOIN verdict v USING (iteration, position) WHERE iteration > 0").fetchall()
    metrics = json.loads(database.execute("SELECT metrics FROM iteration WHERE iteration = 1").fetchone()[0])
    iterations = 2 + examples // (CANDIDATES // 2)
    for iteration in range(3, iterations + 1):
        for position in range(CANDIDATES):
            add_candidate(database, kept, iteration, position)
        metrics.update(iteration=iteration, kept=CANDIDATES // 2, asked=CANDIDATES, offered=CANDIDATES)
        database.execute("INSERT INTO iteration VALUES (?, ?, 100.0)", (iteration, json.dumps(metrics)))
    database.commit()
    set_iterations(database, iterations)
    return iterations


def set_iterations(database, iterations):
    """What the run is said to have been started with."""
    config = json.loads(database.execute("SELECT value FROM meta WHERE key = 'config'").fetchone()[0])
    config["restem.iterations"] = str(iterations)
    database.execute("UPDATE meta SET value = ? WHERE key = 'config'", (json.dumps(config),))
    database.commit()


def add_candidate(database, kept, iteration, position):
    problem, candidate, verdict, example = kept[(iteration * CANDIDATES + position) % len(kept)]
    is_kept = position % 2 == 0
    name = f"copy_{iteration}_{position}"
    candidate, example, verdict = json.loads(candidate), json.loads(example), json.loads(verdict)
    candidate["indexes"] = [f"CREATE INDEX {name} ON orders(user_id)"]
    example.update(iteration=iteration, id=f"{iteration}-{position}", fingerprint=name, indexes=candidate["indexes"])
    verdict["kept"] = is_kept
    database.execute("INSERT INTO candidate VALUES (?, ?, ?, ?, ?, ?, 0)",
                     (iteration, position, problem, name, json.dumps(candidate), is_kept))
    database.execute("INSERT INTO verdict VALUES (?, ?, ?)", (iteration, position, json.dumps(verdict)))
    if is_kept:
        database.execute("INSERT INTO example VALUES (?, ?, ?, ?)", (iteration, position, name, json.dumps(example)))


def main():
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="quill-long-run") as work:
        quill(work, ["seed", "--users", "100", "--orders", "500", "--out", f"{work}/shop.db"])
        folder = f"{work}/run"
        restem(work, folder, 2)
        iterations = grow(Path(folder, "run.db"), examples)
        restem(work, folder, iterations)  # makes the checkpoints that a real run would have by now
        resumed, resumed_mb = restem(work, folder, iterations)
        set_iterations(sqlite3.connect(Path(folder, "run.db")), iterations + 1)
        one_more = restem(work, folder, iterations + 1)[0]
        analysed, analysed_mb = quill(work, ["analyze", folder, "--html", f"{work}/report.html"])
    print(f"{examples} examples: resumed in {resumed:.2f} s, {resumed_mb:.0f} MB (with one more iteration and all "
          f"exports {one_more:.2f} s); analysed, with its page, in {analysed:.2f} s, {analysed_mb:.0f} MB")
    return 0 if resumed < 2 and max(resumed_mb, analysed_mb) < 300 and analysed < 5 else 1


if __name__ == "__main__":
    sys.exit(main())
