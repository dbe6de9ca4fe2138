#!/usr/bin/env python3
"""Trains the same small model with `quill train sft` and with transformers + PEFT, step by step.

usage: train_parity.py QUILL [STEPS]   default 50 steps

Both begin at the same weights and the same adapter (LoRA on every linear map, made by PEFT), see the
same samples in the same order, 2 batches a step, clip the gradient, and follow a cosine after a
warm-up. Prints the largest differences of loss and gradient norm, and exits with 1 above 1e-4. Then
the adapter that quill wrote is loaded by PEFT, and the weights are compared.
Run it with the environment of scripts/reference_env.sh.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, get_scheduler

BATCH, ACCUMULATE, RATE, CLIP, WARMUP = 3, 2, 5e-3, 0.5, 0.1
TOLERANCE = 1e-4


def name(rng):
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.choice([2, 3])))


def write_data(path, lines):
    rng = random.Random(5)
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(lines):
            table, column, other = name(rng), name(rng), name(rng)
            filler = " ".join(name(rng) for _ in range(rng.randrange(20)))
            messages = [
                {"role": "system", "content": "Answer in SQL."},
                {"role": "user", "content": f"{table}({column}, {other}): {filler} all {column} of {table}"},
                {"role": "assistant", "content": f"SELECT {column} FROM {table}"},
            ]
            file.write(json.dumps({"messages": messages}) + "\n")


def quill(program, *arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def randomise(folder):
    """Biases and norms too: a start of zeros and ones would hide that they are left out."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.05)
    model.save_pretrained(folder)


def tokens_of(tokenizer, line):
    messages = json.loads(line)["messages"]
    prompt = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    context = tokenizer.encode(prompt)
    answer = tokenizer.encode(messages[-1]["content"] + "<|im_end|>")
    return context + answer, [-100] * len(context) + answer


def padded(samples):
    longest = max(len(ids) for ids, _ in samples)
    fill = lambda value: [value] * longest
    ids = torch.tensor([(i + fill(0))[:longest] for i, _ in samples])
    labels = torch.tensor([(l + fill(-100))[:longest] for _, l in samples])
    mask = torch.tensor([([1] * len(i) + fill(0))[:longest] for i, _ in samples])
    return ids, labels, mask


def summed_loss(model, samples):
    ids, labels, mask = padded(samples)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.size(-1)), labels[:, 1:].reshape(-1), reduction="sum")


def reference_curve(model, samples, steps):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0)
    warmup = -int(-WARMUP * steps // 1)
    schedule = get_scheduler("cosine", optimizer, num_warmup_steps=warmup, num_training_steps=steps)
    for step in range(steps):
        chosen = samples[step * BATCH * ACCUMULATE:(step + 1) * BATCH * ACCUMULATE]
        answers = sum(label != -100 for _, labels in chosen for label in labels)
        total = 0.0
        for begin in range(0, len(chosen), BATCH):
            loss = summed_loss(model, chosen[begin:begin + BATCH]) / answers
            loss.backward()
            total += loss.item()
        norm = torch.nn.utils.clip_grad_norm_(trained, CLIP).item()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        yield total, norm


def main():
    program, steps = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
    torch.manual_seed(3)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_data(folder / "data.jsonl", steps * BATCH * ACCUMULATE)
        quill(program, "model", "init", "--out", folder / "model", "--train-tokenizer", folder / "data.jsonl",
              "--layers", 3, "--hidden", 64, "--inner", 160, "--vocabulary", 400)
        randomise(folder / "model")
        base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
        model = get_peft_model(base, LoraConfig(r=8, lora_alpha=12, target_modules="all-linear", task_type="CAUSAL_LM"))
        model.save_pretrained(folder / "start")
        quill(program, "train", "sft", "--model", folder / "model", "--adapter", folder / "start", "--data",
              folder / "data.jsonl", "--out", folder / "run", "--order", "curriculum", "--batch", BATCH, "--accumulate",
              ACCUMULATE, "--learning-rate", RATE, "--clip", CLIP, "--warmup", WARMUP, "--schedule", "cosine", "--quiet")
        with open(folder / "run/metrics.jsonl", encoding="utf-8") as file:
            figures = [json.loads(line) for line in file]
        tokenizer = AutoTokenizer.from_pretrained(folder / "model")
        with open(folder / "data.jsonl", encoding="utf-8") as file:
            samples = [tokens_of(tokenizer, line) for line in file]
        worst_loss = worst_norm = 0.0
        for mine, (loss, norm) in zip(figures, reference_curve(model, samples, steps), strict=True):
            worst_loss = max(worst_loss, abs(mine["loss"] - loss))
            worst_norm = max(worst_norm, abs(mine["grad_norm"] - norm))
        again = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
        loaded = PeftModel.from_pretrained(again, folder / "run/adapter")
        ours, theirs = loaded.state_dict(), model.state_dict()
        weights = max((ours[key] - theirs[key]).abs().max().item() for key in theirs if "lora_" in key)
    print(f"{steps} steps, loss {figures[0]['loss']:.4f} to {figures[-1]['loss']:.4f}: largest difference of the loss "
          f"{worst_loss:.2e}, of the gradient's norm {worst_norm:.2e}; of the adapter's weights in the end {weights:.2e}")
    return 0 if max(worst_loss, worst_norm) <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
