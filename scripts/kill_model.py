#!/usr/bin/env python3
"""kill_model.py [KILLS]: kills `quill restem --provider openai` with SIGKILL at random moments, many
requests in flight, and resumes it each time (default 100 kills).

A server keeps a ledger of what it answered. Checked after each kill: no answer that was on record is gone.
After each run: the exports equal those of an undisturbed run, byte for byte (--measure steps); no more was
asked again than kills x concurrency; the key is in no file and on no stream. QUILL names the program,
KILL_SEED the moments.
"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from model_server import ModelServer

ROOT = Path(__file__).resolve().parent.parent
QUILL = os.environ.get("QUILL", str(ROOT / "build/quill"))
KEY = "sk-canary-4f1b9c22d07e"
CONCURRENCY = 6
EXAMPLES = [
    {"before": "SELECT id FROM orders WHERE user_id = 7 OR user_id = 9 ORDER BY id",
     "after": "SELECT id FROM orders WHERE user_id IN (7, 9) ORDER BY id",
     "indexes": ["CREATE INDEX i ON orders(user_id)"]},
    {"before": "SELECT count(*) FROM orders WHERE status = 'returned' AND amount > 100",
     "after": "SELECT count(*) FROM orders WHERE status = 'returned' AND amount > 100",
     "indexes": ["CREATE INDEX i ON orders(status, amount)"]},
]


class Failed(Exception):
    pass


class Scene:
    def __init__(self, work, server):
        self.work, self.server = Path(work), server
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": work, "OPENAI_API_KEY": KEY,
                            **{name: os.environ[name] for name in ("QUILL_LIBEXEC", "QUILL_DATA_DIR")
                               if name in os.environ}}
        (self.work / "two.json").write_text(json.dumps(EXAMPLES))
        subprocess.run([QUILL, "seed", "--users", "100", "--orders", "500", "--out", self.work / "shop.db",
                        "--quiet"], check=True, env=self.environment, stdout=subprocess.DEVNULL)

    def start(self, folder):
        with open(self.work / "spoken", "ab") as spoken:
            return subprocess.Popen(
                [QUILL, "restem", "--db", self.work / "shop.db", "--examples", self.work / "two.json",
                 "--provider", "openai", "--base-url", self.server.base_url, "--iterations", "10",
                 "--candidates", "3", "--concurrency", str(CONCURRENCY), "--trust", "fast", "--measure",
                 "steps", "--checkpoint-every", "4", "--out", folder, "--resume"],
                env=self.environment, stdout=spoken, stderr=spoken)

    def answers(self, folder):
        """Keys with an answer on record; a hot journal is rolled back as the next start would."""
        if not (folder / "run.db").exists():
            return set()
        with sqlite3.connect(folder / "run.db") as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'response'").fetchone():
                return set()
            return {row[0] for row in database.execute(
                "SELECT key FROM call JOIN response ON response.call_id = call.id")}

    def check_no_key(self, folder):
        for file in [self.work / "spoken", *folder.iterdir()]:
            if KEY.encode() in file.read_bytes():
                raise Failed(f"the key is in {file}")

    def check_same(self, folder, undisturbed):
        for file in undisturbed.glob("*.json"):
            if file.read_bytes() != (folder / file.name).read_bytes():
                raise Failed(f"{file.name} differs from the undisturbed run's")


def killed_run(scene, folder, kills_left, span_s):
    """One run with up to `kills_left` kills; how many there were."""
    kills, known = 0, set()
    while True:
        child = scene.start(folder)
        try:
            code = child.wait(random.uniform(0, span_s)) if kills < kills_left else child.wait()
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            code = child.wait()
        if code == -signal.SIGKILL:
            kills += 1
            now = scene.answers(folder)
            if known - now:
                raise Failed(f"{len(known - now)} answers on record are gone")
            known = now
            continue
        if code != 0:
            raise Failed(f"a resumed run ended with exit code {code}")
        return kills


def main():
    kills_wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    random.seed(int(os.environ.get("KILL_SEED", time.time_ns())))
    with tempfile.TemporaryDirectory(prefix="quill-kill-model") as work, ModelServer(delay_s=0.02) as server:
        scene = Scene(work, server)
        undisturbed = Path(work, "undisturbed")
        began = time.monotonic()
        if scene.start(undisturbed).wait() != 0:
            raise Failed("the undisturbed run failed: " + Path(work, "spoken").read_text())
        span_s = time.monotonic() - began
        asked = sum(server.answered.values())
        kills = runs = again = 0
        while kills < kills_wanted:
            runs += 1
            server.answered.clear()
            folder = Path(work, f"run{runs}")
            here = killed_run(scene, folder, kills_wanted - kills, span_s)
            kills += here
            re_asked = sum(server.answered.values()) - asked
            if re_asked > here * CONCURRENCY:
                raise Failed(f"{re_asked} requests were sent again after {here} kills")
            again += max(re_asked, 0)
            scene.check_same(folder, undisturbed)
            scene.check_no_key(folder)
            shutil.rmtree(folder)
    print(f"{kills} kills in {runs} runs, {CONCURRENCY} in flight: no answer on record lost, {again} of at most "
          f"{kills * CONCURRENCY} asked again, exports equal, the key nowhere")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"error: {failure}")
