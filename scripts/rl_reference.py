#!/usr/bin/env python3
"""Writes losses and gradients of GRPO, DPO and PPO on fixed log-probabilities, for tests/train/torch.

usage: rl_reference.py [FOLDER]   default tests/reference/rl

GRPO and DPO are computed by TRL 1.16's own GRPOTrainer._compute_loss and DPOTrainer._compute_loss, called on
a stub that hands them the log-probabilities. TRL 1.16 has no PPO: its formulas are written out here (Schulman et
al., arXiv:1707.06347 and 1506.02438, with the clipped value that PPO trainers use). Needs trl 1.16 and datasets
beside the libraries of scripts/reference_env.sh; the same versions write the same bytes.
"""

import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
from safetensors.torch import save_file
from trl import DPOTrainer, GRPOTrainer

LENGTHS = [5, 2, 7, 1, 4, 6]
TOKENS_MAX = 8
PAIRS = 4


class Accelerator:
    num_processes, device, sync_gradients = 1, torch.device("cpu"), True

    def gather(self, x):
        return x

    gather_for_metrics = gather

    def reduce(self, x, reduction):
        return x


def padded(values, mask):
    out = torch.zeros(mask.shape)
    out[mask.bool()] = values
    return out


def grpo(name, tokens, beta, low, high):
    """Loss and gradient by logprob (R) of TRL's variant."""
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS).unsqueeze(1)).long()
    logprobs = tokens["logprobs"].clone().requires_grad_(True)
    stub = SimpleNamespace(
        aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None,
        importance_sampling_level="sequence" if name == "gspo" else "token", beta=beta,
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None, steps_per_generation=1),
        loss_type="grpo" if name == "gspo" else name, epsilon_low=low, epsilon_high=high, use_vllm=False,
        current_gradient_accumulation_steps=1, max_completion_length=TOKENS_MAX, accelerator=Accelerator(),
        _entropy_bonus_enabled=False, model=SimpleNamespace(training=True),
        _metrics={"train": defaultdict(list)})
    stub._get_per_token_logps_and_entropies = lambda *a, **k: (
        padded(logprobs, mask), torch.zeros(mask.shape), None)
    batch = len(LENGTHS)
    inputs = {
        "prompt_ids": torch.zeros(batch, 1).long(), "prompt_mask": torch.ones(batch, 1).long(),
        "completion_ids": torch.zeros(mask.shape).long(), "completion_mask": mask,
        "advantages": tokens["advantages"], "old_per_token_logps": padded(tokens["old_logprobs"], mask),
        "ref_per_token_logps": padded(tokens["reference"], mask), "num_items_in_batch": mask.sum()}
    loss = GRPOTrainer._compute_loss(stub, None, inputs)
    loss.backward()
    return loss.detach(), logprobs.grad, stub._metrics["train"]


def dpo(name, pairs, beta, smoothing, sft_weight):
    """Loss and gradients by the answers' log-probabilities of TRL's variant."""
    lengths = torch.cat([pairs["chosen_tokens"], pairs["rejected_tokens"]]).long()
    width = int(lengths.max()) + 1
    mask = ((torch.arange(width) > 0) & (torch.arange(width) <= lengths.unsqueeze(1))).long()
    sums = torch.cat([pairs["chosen"], pairs["rejected"]]).clone().requires_grad_(True)
    per_token = (sums / lengths).unsqueeze(1) * mask[:, 1:]
    flat = torch.zeros(2 * PAIRS, width - 1)
    outputs = SimpleNamespace(log_probs=per_token, entropy=flat, mean_logits=flat, is_top1=flat.bool())
    losses = [name, "sft"] if sft_weight else [name]
    stub = SimpleNamespace(
        model=SimpleNamespace(training=True), accelerator=Accelerator(), aux_loss_enabled=False, ld_alpha=None,
        precompute_ref_logps=True, f_divergence_type="reverse_kl", loss_types=losses,
        loss_weights=[1.0, sft_weight][:len(losses)], beta=beta, label_smoothing=smoothing, use_weighting=False,
        _metrics={"train": defaultdict(list)}, _total_train_tokens=0, _tp_size=1)
    inputs = {"input_ids": torch.zeros(2 * PAIRS, width).long(), "attention_mask": torch.ones(2 * PAIRS, width),
              "completion_mask": mask, "ref_chosen_logps": pairs["reference_chosen"],
              "ref_rejected_logps": pairs["reference_rejected"]}
    loss = DPOTrainer._compute_loss(stub, lambda **k: outputs, inputs, False)
    loss.backward()
    return loss.detach(), sums.grad


def advantages_of(rewards, values, gamma, lam):
    """Generalised advantages of one completion, as written in the paper: a sum over what follows."""
    size = len(rewards)
    ahead = torch.cat([values[1:], torch.zeros(1, dtype=values.dtype)])
    deltas = rewards + gamma * ahead - values
    return torch.stack([sum((gamma * lam) ** (j - i) * deltas[j] for j in range(i, size)) for i in range(size)])


def ppo(tokens, epsilon, value_epsilon, value_weight, gamma, lam):
    parts = zip(tokens["rewards"].double().split(LENGTHS), tokens["old_values"].double().split(LENGTHS))
    advantages = torch.cat([advantages_of(r, v, gamma, lam) for r, v in parts])
    returns = advantages + tokens["old_values"]
    white = (advantages - advantages.mean()) / torch.sqrt(advantages.var() + 1e-8)
    logprobs = tokens["logprobs"].double().clone().requires_grad_(True)
    values = tokens["values"].double().clone().requires_grad_(True)
    ratio = torch.exp(logprobs - tokens["old_logprobs"])
    policy = torch.max(-white * ratio, -white * torch.clamp(ratio, 1 - epsilon, 1 + epsilon)).mean()
    old = tokens["old_values"].double()
    near = torch.max(torch.min(values, old + value_epsilon), old - value_epsilon)
    value = 0.5 * torch.max((values - returns) ** 2, (near - returns) ** 2).mean()
    loss = policy + value_weight * value
    loss.backward()
    return {"ppo.loss": loss.detach(), "ppo.by_logprobs": logprobs.grad, "ppo.by_values": values.grad,
            "ppo.advantages": advantages, "ppo.returns": returns, "ppo.whitened": white}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "tests/reference/rl")
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    size = sum(LENGTHS)
    logprobs = -3 * torch.rand(size)
    tokens = {"logprobs": logprobs, "old_logprobs": logprobs + 0.4 * torch.randn(size),
              "reference": logprobs + 0.5 * torch.randn(size), "advantages": torch.randn(len(LENGTHS)),
              "rewards": torch.randn(size), "values": torch.randn(size)}
    tokens["old_values"] = tokens["values"] + 0.4 * torch.randn(size)
    out = dict(tokens)
    for name in ["grpo", "dr_grpo", "dapo", "bnpo", "gspo", "cispo"]:
        for beta in [0.0, 0.1]:
            high = 1.2 if name == "cispo" else 0.28
            loss, gradient, metrics = grpo(name, tokens, beta, 0.2, high)
            key = f"{name}.{'kl' if beta else 'free'}"
            out[f"{key}.loss"], out[f"{key}.gradient"] = loss, gradient
            if beta:
                out[f"{key}.kl"] = torch.tensor(metrics["kl"][0])
    pairs = {key: -20 * torch.rand(PAIRS) for key in ["chosen", "rejected"]}
    pairs["reference_chosen"] = pairs["chosen"] + 3 * torch.randn(PAIRS)
    pairs["reference_rejected"] = pairs["rejected"] + 3 * torch.randn(PAIRS)
    pairs["chosen_tokens"] = torch.tensor([3.0, 7.0, 5.0, 9.0])
    pairs["rejected_tokens"] = torch.tensor([4.0, 2.0, 8.0, 6.0])
    out |= pairs
    for name in ["sigmoid", "ipo", "hinge", "robust", "apo_zero"]:
        for sft in [0.0, 0.5]:
            key = f"{name}.{'sft' if sft else 'free'}"
            out[f"{key}.loss"], out[f"{key}.gradient"] = dpo(name, pairs, 0.3, 0.1, sft)
    out |= ppo(tokens, 0.2, 0.2, 0.1, 0.98, 0.9)
    save_file({key: value.float().contiguous() for key, value in out.items()}, folder / "reference.safetensors")
    print(f"{folder / 'reference.safetensors'}: {len(out)} tensors")


main()
