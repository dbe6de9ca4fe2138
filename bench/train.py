#!/usr/bin/env python3
"""`quill train sft` beside transformers + PEFT in a plain loop: tokens a second and peak memory, in one run.

usage: train.py TOKENIZER_FOLDER [QUILL] [STEPS]

TOKENIZER_FOLDER has the real Qwen2.5 tokenizer.json. A model of 20 M parameters with that vocabulary (128 wide, 4
layers, float32, random) learns 8 samples of 512 tokens a step, a quarter of them answers, with LoRA r16 on every map,
on two cores. Each program runs alone; peak memory is that of its process; the first step is not timed. Prints both,
the ratios, and exits with 1 when quill is below 2 times the speed or above 0.3 times the memory.
Needs the environment of scripts/reference_env.sh.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS, BATCH, LENGTH, ANSWER, RATE = 2, 8, 512, 128, 2e-4
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
SHAPE = ["--hidden", "128", "--layers", "4", "--inner", "352", "--heads", "4", "--kv-heads", "2"]
SPEED_LEAST, MEMORY_MOST = 2.0, 0.3


def write_data(path, lines):
    rng = random.Random(3)
    words = ["select", "table", "count", "where", "order", "group", "price", "name", "city", "year", "total", "join"]
    text = lambda count: "".join(" " + rng.choice(words) for _ in range(count))  # each is one token
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(lines):
            file.write(json.dumps({"prompt": text(LENGTH - ANSWER), "completion": text(ANSWER - 1)}) + "\n")


def theirs(folder, data, steps):
    """In a process of its own: prints tokens a second and the peak of memory."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(THREADS)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=RATE)
    with open(data, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    seconds, tokens = 0.0, 0
    for step in range(steps):
        rows, labels = [], []
        for line in lines[step * BATCH:(step + 1) * BATCH]:
            prompt, answer = tokenizer.encode(line["prompt"]), tokenizer.encode(line["completion"]) + [end]
            rows.append(prompt + answer)
            labels.append([-100] * len(prompt) + answer)
        begin = time.perf_counter()
        loss = model(input_ids=torch.tensor(rows), labels=torch.tensor(labels)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step > 0:
            seconds += time.perf_counter() - begin
            tokens += sum(map(len, rows))
    print(json.dumps({"speed": tokens / seconds, "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                      "loss": loss.item()}))


def ours(quill, folder, data, steps, out):
    process = subprocess.Popen([quill, "train", "sft", "--model", folder, "--data", data, "--out", out, "--order", "curriculum",
                                "--batch", str(BATCH), "--steps", str(steps), "--schedule", "constant", "--warmup", "0", "--learning-rate",
                                str(RATE), "--weight-decay", "0.01", "--rank", "16", "--threads", str(THREADS), "--quiet"],
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("quill train sft failed")
    with open(Path(out) / "metrics.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    tokens = [b["tokens"] - a["tokens"] for a, b in zip(lines, lines[1:])]
    seconds = sum(count / line["tokens_per_second"] for count, line in zip(tokens, lines[1:]))
    return {"speed": sum(tokens) / seconds, "bytes": usage.ru_maxrss * 1024, "loss": lines[-1]["loss"]}


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--theirs":
        return theirs(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    quill = sys.argv[2] if len(sys.argv) > 2 else "build/quill"
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    with tempfile.TemporaryDirectory() as scratch:
        model, data = str(Path(scratch) / "model"), str(Path(scratch) / "data.jsonl")
        subprocess.run([quill, "model", "init", "--out", model, "--tokenizer", sys.argv[1], *SHAPE, "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        write_data(data, BATCH * steps)
        mine = ours(quill, model, data, steps, str(Path(scratch) / "run"))
        out = subprocess.run([sys.executable, __file__, "--theirs", model, data, str(steps)], check=True, capture_output=True, text=True)
        peer = json.loads(out.stdout.splitlines()[-1])
    speed, memory = mine["speed"] / peer["speed"], mine["bytes"] / peer["bytes"]
    for name, one in (("quill", mine), ("transformers + PEFT", peer)):
        print(f"{name:20} {one['speed']:8.0f} tokens/s  {one['bytes'] / 1e9:5.2f} GB  loss of the last step {one['loss']:.4f}")
    print(f"{speed:.2f} times the speed (at least {SPEED_LEAST}), {memory:.2f} times the memory (at most {MEMORY_MOST})")
    return 0 if speed >= SPEED_LEAST and memory <= MEMORY_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
