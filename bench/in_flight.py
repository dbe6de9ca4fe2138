#!/usr/bin/env python3
"""in_flight.py [CONCURRENCY] [ROUNDS]: `quill restem` against a server that answers in one second.

Prints the time against the ideal (every place always taken) and the memory of the program. Exit 1 below
90 % of the ideal throughput or above 100 MB. QUILL names the program (default build/quill).
"""
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from model_server import ModelServer  # noqa: E402

CANDIDATES = 16


def main():
    concurrency = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    quill = os.environ.get("QUILL", str(ROOT / "build/quill"))
    requests = concurrency * rounds
    with tempfile.TemporaryDirectory(prefix="quill-in-flight") as work, ModelServer(delay_s=1.0) as server:
        run_quill(quill, work, ["seed", "--users", "100", "--orders", "500", "--out", f"{work}/shop.db"])
        Path(work, "one.json").write_text(json.dumps([
            {"before": "SELECT id FROM orders WHERE user_id = 7 OR user_id = 9 ORDER BY id",
             "after": "SELECT id FROM orders WHERE user_id IN (7, 9) ORDER BY id"}]))
        began = time.monotonic()
        run_quill(quill, work, [
            "restem", "--db", f"{work}/shop.db", "--examples", f"{work}/one.json", "--provider", "openai",
            "--base-url", server.base_url, "--iterations", str(requests // CANDIDATES), "--candidates",
            str(CANDIDATES), "--concurrency", str(concurrency), "--few-shot", "0", "--trust", "fast",
            "--measure", "steps", "--out", f"{work}/run"])
        seconds = time.monotonic() - began
        answered, most = sum(server.answered.values()), server.in_flight_most
    share = rounds / seconds
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{answered} requests, {most} at once: {seconds:.1f} s, ideal {rounds} s: {share:.1%} of the ideal "
          f"throughput, {memory_mb:.0f} MB")
    return 0 if share >= 0.9 and memory_mb < 100 and answered == requests else 1


def run_quill(quill, work, arguments):
    environment = {"PATH": "/usr/bin:/bin", "HOME": work, "OPENAI_API_KEY": "sk-bench-0123456789",
                   **{name: os.environ[name] for name in ("QUILL_LIBEXEC", "QUILL_DATA_DIR") if name in os.environ}}
    subprocess.run([quill, *arguments, "--quiet"], check=True, env=environment, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
