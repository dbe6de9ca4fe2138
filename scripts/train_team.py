#!/usr/bin/env python3
"""train_team.py [--steps N] [--quill PROGRAM]: two processes of `quill train sft` (Gloo on the CPU, torchrun's variables)
beside one process with the same global batch, then the two again, one of them asked to stop (SIGTERM) on the way and
both resumed. Prints the largest difference of the loss curves; exit 1 when one is above 1e-5."""
import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

MARGIN = 1e-5


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def losses(run):
    return [json.loads(line)["loss"] for line in (run / "metrics.jsonl").read_text().splitlines()]


class Workplace:
    def __init__(self, quill, folder, steps):
        self.quill, self.folder, self.steps = quill, folder, steps
        self.call("data", "grammar", "--out", folder / "data", "--train", 200, "--eval", 20, "--databases", 2)
        self.call("model", "init", "--out", folder / "model", "--train-tokenizer", folder / "data/corpus.txt", "--layers", 2,
                  "--hidden", 64, "--inner", 128, "--vocabulary", 400)

    def call(self, *words):
        subprocess.run([self.quill, *map(str, words), "--quiet"], check=True, stdout=subprocess.DEVNULL)

    def start(self, out, accumulate, place=None):
        words = [self.quill, "train", "sft", "--model", self.folder / "model", "--data", self.folder / "data/train.jsonl",
                 "--eval-data", self.folder / "data/train.jsonl", "--eval-every", 20, "--out", self.folder / out,
                 "--resume", "--steps", self.steps, "--batch", 4, "--accumulate", accumulate, "--rank", 4,
                 "--dropout", 0.1, "--learning-rate", 1e-3, "--threads", 1, "--quiet"]
        return subprocess.Popen(list(map(str, words)), env={**os.environ, **(place or {})}, stdout=subprocess.DEVNULL)

    def start_two(self, out):
        place = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
        return [self.start(out, 1, {**place, "RANK": str(rank)}) for rank in range(2)]


def wait_all(processes, allowed):
    codes = [process.wait() for process in processes]
    if any(code not in allowed for code in codes):
        sys.exit(f"error: exit codes {codes}; expected one of {allowed}")


def stop_on_the_way(work, out, step):
    """SIGTERM to the process that does not lead: both save behind the same step."""
    processes = work.start_two(out)
    figures = work.folder / out / "metrics.jsonl"
    while processes[0].poll() is None and (not figures.exists() or figures.read_text().count("\n") < step):
        pass
    processes[1].send_signal(signal.SIGTERM)
    wait_all(processes, (0, 130, 143))
    return figures.read_text().count("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--quill", default=str(pathlib.Path(__file__).resolve().parent.parent / "build/quill"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quill-team.") as name:
        work = Workplace(options.quill, pathlib.Path(name), options.steps)
        wait_all([work.start("one", 2)], (0,))
        wait_all(work.start_two("two"), (0,))
        stopped_at = stop_on_the_way(work, "stopped", options.steps // 2)
        wait_all(work.start_two("stopped"), (0,))
        one = losses(work.folder / "one")
        worst = {run: max(abs(a - b) for a, b in zip(one, losses(work.folder / run), strict=True)) for run in ("two", "stopped")}
    print(f"{len(one)} steps: two processes differ from one by at most {worst['two']:.2e}; stopped by SIGTERM behind step "
          f"{stopped_at} and resumed: {worst['stopped']:.2e}")
    return int(max(worst.values()) > MARGIN)


if __name__ == "__main__":
    sys.exit(main())
