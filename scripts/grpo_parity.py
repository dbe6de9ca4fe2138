#!/usr/bin/env python3
"""Trains the same small model with `quill train grpo` and with TRL's own loss, step by step.

usage: grpo_parity.py QUILL [LOSS [STEPS]]   default dapo, 20 steps

Quill samples and is rewarded; the ids, their log-probabilities and the rewards of each round are read from its run
folder. The reference begins at the same weights and the same adapter, sees the same completions, calculates the
advantages as TRL does and the loss with TRL 1.16's GRPOTrainer._compute_loss, clips, and follows the same schedule.
Prints the largest differences of loss and gradient norm, and exits with 1 above 1e-3.
Run it with an environment that has trl 1.16 and peft (scripts/reference_env.sh).
"""

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, get_scheduler
from trl import GRPOTrainer

from train_parity import quill, randomise

GROUP, EXERCISES, TOKENS_MAX, TEMPERATURE, RATE, CLIP, WARMUP = 4, 3, 16, 0.8, 5e-3, 0.5, 0.1
TOLERANCE = 1e-3
# What an answer of a model without training is worth: the fewer letters e, the better.
REWARD = """while read -r line; do e=${line//[^e]/}; echo "{\\"reward\\": -${#e}}"; done"""


class Accelerator:
    num_processes, device, sync_gradients = 1, torch.device("cpu"), True

    def gather(self, x):
        return x

    def reduce(self, x, reduction):
        return x


def padded(rows, fill, left=False):
    longest = max(len(row) for row in rows)
    pads = [[fill] * (longest - len(row)) for row in rows]
    return torch.tensor([pad + row if left else row + pad for row, pad in zip(rows, pads)])


def logprobs_of(model, prompts, ids):
    """(B, C): of each completion's tokens, under the temperature of the sampler."""
    width = max(map(len, ids))
    out = []
    for prompt, completion in zip(prompts, ids):
        tokens = torch.tensor([prompt + completion])
        logits = model(input_ids=tokens).logits[0, len(prompt) - 1:-1] / TEMPERATURE
        chosen = logits.log_softmax(-1).gather(1, torch.tensor(completion).unsqueeze(1)).squeeze(1)
        out.append(torch.nn.functional.pad(chosen, (0, width - len(completion))))
    return torch.stack(out)


def advantages_of(rewards):
    groups = torch.tensor(rewards).view(-1, GROUP)
    return ((groups - groups.mean(1, keepdim=True)) / (groups.std(1, keepdim=True) + 1e-4)).flatten()


def step_loss(model, name, round_):
    prompts, ids = [line["prompt"] for line in round_], [line["ids"] for line in round_]
    mask = padded([[1] * len(each) for each in ids], 0)
    stub = SimpleNamespace(
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None,
        importance_sampling_level="sequence" if name == "gspo" else "token", beta=0.0,
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None, steps_per_generation=1),
        loss_type="grpo" if name == "gspo" else name, epsilon_low=0.2, epsilon_high=5.0 if name == "cispo" else 0.2,
        use_vllm=False, current_gradient_accumulation_steps=1, max_completion_length=TOKENS_MAX,
        accelerator=Accelerator(), _entropy_bonus_enabled=False, model=SimpleNamespace(training=True),
        _metrics={"train": defaultdict(list)})
    stub._get_per_token_logps_and_entropies = lambda *a, **k: (
        logprobs_of(model, prompts, ids), torch.zeros(mask.shape), None)
    prompt_ids = padded(prompts, 0, left=True)
    return GRPOTrainer._compute_loss(stub, None, {
        "prompt_ids": prompt_ids, "prompt_mask": torch.ones_like(prompt_ids), "completion_ids": padded(ids, 0),
        "completion_mask": mask, "advantages": advantages_of([line["reward"] for line in round_]),
        "old_per_token_logps": padded([line["logprobs"] for line in round_], 0.0),
        "num_items_in_batch": mask.sum()})


def reference_curve(model, name, rounds):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.0)
    warmup = -int(-WARMUP * len(rounds) // 1)
    schedule = get_scheduler("cosine", optimizer, num_warmup_steps=warmup, num_training_steps=len(rounds))
    for round_ in rounds:
        loss = step_loss(model, name, round_)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained, CLIP).item()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        yield loss.item(), norm


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main():
    program, name = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "dapo"
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    torch.manual_seed(3)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        quill(program, "data", "grammar", "--out", folder / "data", "--train", 300, "--eval", 40, "--databases", 4)
        quill(program, "model", "init", "--out", folder / "model", "--train-tokenizer", folder / "data/corpus.txt",
              "--layers", 3, "--hidden", 64, "--inner", 160, "--vocabulary", 400)
        randomise(folder / "model")
        base = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.float32)
        model = get_peft_model(base, LoraConfig(r=8, lora_alpha=12, target_modules="all-linear", task_type="CAUSAL_LM"))
        model.save_pretrained(folder / "start")
        (folder / "reward.sh").write_text(REWARD)
        quill(program, "train", "grpo", "--model", folder / "model", "--adapter", folder / "start", "--data",
              folder / "data/questions.jsonl", "--databases", folder / "data/databases", "--out", folder / "run",
              "--loss", name, "--epsilon-high", 5.0 if name == "cispo" else 0.2, "--exercises", EXERCISES,
              "--generations", GROUP, "--max-tokens", TOKENS_MAX, "--temperature", TEMPERATURE, "--steps", steps,
              "--learning-rate", RATE, "--clip", CLIP, "--warmup", WARMUP, "--schedule", "cosine",
              "--reward-command", f"bash '{folder}/reward.sh'", "--quiet")
        figures = lines_of(folder / "run/metrics.jsonl")
        rounds = [lines_of(path) for path in sorted((folder / "run/rollouts").iterdir())]
        worst_loss = worst_norm = 0.0
        for mine, (loss, norm) in zip(figures, reference_curve(model, name, rounds), strict=True):
            worst_loss = max(worst_loss, abs(mine["loss"] - loss))
            worst_norm = max(worst_norm, abs(mine["grad_norm"] - norm))
    print(f"{name}, {steps} steps, reward {figures[0]['reward_mean']:.3f} to {figures[-1]['reward_mean']:.3f}: largest "
          f"difference of the loss {worst_loss:.2e}, of the gradient's norm {worst_norm:.2e}")
    return 0 if max(worst_loss, worst_norm) <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
