#!/usr/bin/env python3
"""Makes a run of Weights & Biases of a training run's folder, without a network.

usage: wandb_run.py RUN FOLDER [PROJECT]

Reads RUN/metrics.jsonl and RUN/run.json (the settings) and writes FOLDER/wandb/offline-run-…, which `wandb sync` uploads
later, from wherever there is a network. Figures have the names they have in TensorBoard: train/loss, eval/loss …
Needs PyPI's wandb (tried with 0.31.0, whose `wandb sync` takes its own folders only, not TensorBoard's).
"""

import json
import sys
from pathlib import Path

import wandb


def figures_of(line):
    """The numbers of a line by tag, as the event files have them."""
    return {("eval/" + key[5:] if key.startswith("eval_") else "train/" + key): value
            for key, value in line.items()
            if isinstance(value, (int, float)) and not isinstance(value, bool) and key != "step"}


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    settings = json.loads((source / "run.json").read_text(encoding="utf-8"))["settings"]
    run = wandb.init(mode="offline", dir=str(target), name=source.resolve().name, config=settings,
                     project=sys.argv[3] if len(sys.argv) == 4 else "quill")
    with open(source / "metrics.jsonl", encoding="utf-8") as lines:
        for text in lines:
            line = json.loads(text)
            run.log(figures_of(line), step=line["step"])
    run.finish()


if __name__ == "__main__":
    main()
