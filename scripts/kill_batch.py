#!/usr/bin/env python3
"""kill_batch.py [KILLS]: kills `quill batch run --provider openai` with SIGKILL at random moments, many requests in
flight, and starts it again each time (default 200 kills); then runs a suite as two shards in two processes.

A server keeps a ledger of what it answered. Checked: the leaderboard equals that of an undisturbed run
(--measure steps), byte for byte; no more was asked again than was in flight when it was killed; prep asks nothing;
the two shards' leaderboard is that of one. QUILL names the program, KILL_SEED the moments.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from model_server import INDEXES, ModelServer

ROOT = Path(__file__).resolve().parent.parent
QUILL = os.environ.get("QUILL", str(ROOT / "build/quill"))
CONCURRENCY = 6
QUERIES = {
    "by_user": "SELECT id FROM orders WHERE user_id = 7 OR user_id = 9 ORDER BY id",
    "late": "SELECT count(*) FROM orders WHERE status = 'returned' AND amount > 100",
    "rich": "SELECT u.id, sum(o.amount) FROM users u JOIN orders o ON o.user_id = u.id WHERE o.status = 'shipped' "
            "GROUP BY u.id ORDER BY u.id",
    "top": "SELECT user_id, max(amount) FROM orders GROUP BY user_id ORDER BY user_id",
    "users": "SELECT count(*) FROM users",
}


class Failed(Exception):
    pass


def answer_to(request):
    """An index or none for the query, as the prompt's text falls."""
    pick = int(hashlib.sha256(json.dumps(request["messages"], sort_keys=True).encode()).hexdigest(), 16)
    return json.dumps({"after": "", "indexes": INDEXES[pick % len(INDEXES)], "type": "indexing",
                       "explanation": "an index for the condition"})


class Scene:
    def __init__(self, work, server):
        self.work, self.server = Path(work), server
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": work, "OPENAI_API_KEY": "sk-canary-batch",
                            **{name: os.environ[name] for name in ("QUILL_LIBEXEC", "QUILL_DATA_DIR")
                               if name in os.environ}}
        self.quill("seed", "--users", "100", "--orders", "500", "--out", self.work / "shop.db")
        (self.work / "queries").mkdir()
        for name, sql in QUERIES.items():
            (self.work / "queries" / f"{name}.sql").write_text(sql)

    def quill(self, *words):
        done = subprocess.run([QUILL, *words, "--quiet"], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"quill {words[0]} {words[1]}: {done.stderr}")

    def suite(self, name):
        """Made and prepared; prep asks nothing."""
        folder = self.work / name
        asked = sum(self.server.answered.values())
        self.quill("suite", "init", "--db", self.work / "shop.db", "--queries", self.work / "queries", "--out", folder)
        self.quill("batch", "prep", "--suite", folder)
        if sum(self.server.answered.values()) != asked:
            raise Failed("batch prep asked the model")
        return folder

    def start(self, folder, *more):
        with open(self.work / "spoken", "ab") as spoken:
            return subprocess.Popen(
                [QUILL, "batch", "run", "--suite", folder, "--provider", "openai", "--base-url", self.server.base_url,
                 "--concurrency", str(CONCURRENCY), "--measure", "steps", "--trust", "fast", "--target-speedup", "1000",
                 *more], env=self.environment, stdout=spoken, stderr=spoken)

    def board(self, folder):
        board = json.loads((folder / "state_0/leaderboard.json").read_text())
        del board["suite"]  # its name is the folder's
        return board


def killed_run(scene, folder, kills_left, span_s):
    """One run with up to `kills_left` kills; how many there were."""
    kills = 0
    while True:
        child = scene.start(folder)
        try:
            code = child.wait(random.uniform(0, span_s)) if kills < kills_left else child.wait()
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            code = child.wait()
        if code == -signal.SIGKILL:
            kills += 1
        elif code != 0:
            raise Failed(f"a run that went on ended with exit code {code}: {(scene.work / 'spoken').read_text()[-600:]}")
        else:
            return kills


def check_shards(scene, undisturbed):
    folder = scene.suite("shards")
    children = [scene.start(folder, "--shard", f"{part}/2") for part in (1, 2)]
    codes = [child.wait() for child in children]
    if codes != [0, 0]:
        raise Failed(f"the shards ended with exit codes {codes}: {(scene.work / 'spoken').read_text()[-600:]}")
    scene.quill("batch", "leaderboard", "--suite", folder)
    if scene.board(folder) != undisturbed:
        raise Failed("the leaderboard of two shards is not that of one run")


def main():
    kills_wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    random.seed(int(os.environ.get("KILL_SEED", time.time_ns())))
    with tempfile.TemporaryDirectory(prefix="quill-kill-batch") as work, \
            ModelServer(delay_s=0.02, answer_to=answer_to) as server:
        scene = Scene(work, server)
        folder = scene.suite("undisturbed")
        began = time.monotonic()
        if scene.start(folder).wait() != 0:
            raise Failed("the undisturbed run failed: " + (scene.work / "spoken").read_text())
        span_s = time.monotonic() - began
        undisturbed = scene.board(folder)
        asked = sum(server.answered.values())
        kills = runs = again = 0
        while kills < kills_wanted:
            runs += 1
            folder = scene.suite(f"run{runs}")
            server.answered.clear()
            here = killed_run(scene, folder, kills_wanted - kills, span_s)
            kills += here
            re_asked = sum(server.answered.values()) - asked
            if re_asked < 0 or re_asked > here * CONCURRENCY:
                raise Failed(f"{re_asked} requests were sent again after {here} kills")
            again += re_asked
            if scene.board(folder) != undisturbed:
                raise Failed("the leaderboard differs from the undisturbed run's")
            shutil.rmtree(folder)
        check_shards(scene, undisturbed)
    print(f"{kills} kills in {runs} runs of {asked} answers, {CONCURRENCY} in flight: {again} of at most "
          f"{kills * CONCURRENCY} asked again, leaderboards equal; two shards: the leaderboard of one")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"error: {failure}")
