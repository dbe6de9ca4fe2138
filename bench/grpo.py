#!/usr/bin/env python3
"""A step of `quill train grpo` beside one of TRL's GRPOTrainer: seconds, in one run.

usage: grpo.py TOKENIZER_FOLDER [QUILL] [STEPS]

TOKENIZER_FOLDER has the real Qwen2.5 tokenizer.json. A model of 20 M parameters with that vocabulary (128 wide, 4
layers, float32, random) writes 8 answers of 64 tokens to a question a step and learns from what they are worth, with
LoRA r16 on every map, on two cores. Each program runs alone; the first step is not timed. Prints seconds a step of both
and how much of a reward that sleeps 50 ms an answer is hidden behind sampling; exits with 1 when quill is below 5
times the speed or hides less than 90 %. Needs trl 1.16 and datasets beside the environment of scripts/reference_env.sh.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS, ANSWERS, LENGTH = 2, 8, 64
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
SHAPE = ["--hidden", "128", "--layers", "4", "--inner", "352", "--heads", "4", "--kv-heads", "2"]
SPEED_LEAST, HIDDEN_LEAST = 5.0, 0.9
# Judges as slowly as a database that is busy: 50 ms an answer.
SLEEPING = 'while read -r line; do sleep 0.05; echo "{\\"reward\\": ${#line}}"; done'


def theirs(folder, questions, steps):
    """In a process of its own: prints seconds a step."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    torch.set_num_threads(THREADS)
    times = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *args, **kwargs):
            self.begin = time.perf_counter()

        def on_step_end(self, *args, **kwargs):
            times.append(time.perf_counter() - self.begin)

    with open(questions, encoding="utf-8") as file:
        prompts = [[{"role": "user", "content": json.loads(line)["question"]}] for line in file]
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
        reward_funcs=lambda completions, **rest: [float(len(each[0]["content"])) for each in completions],
        args=GRPOConfig(output_dir=str(Path(folder).parent / "trl"), per_device_train_batch_size=ANSWERS,
                        num_generations=ANSWERS, max_completion_length=LENGTH, max_steps=steps, use_cpu=True, bf16=False,
                        report_to=[], save_strategy="no", disable_tqdm=True, learning_rate=2e-4, beta=0.0,
                        gradient_checkpointing=False),
        train_dataset=Dataset.from_dict({"prompt": prompts}), processing_class=AutoTokenizer.from_pretrained(folder),
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
        callbacks=[Clock()])
    trainer.train()
    print(json.dumps({"seconds": sum(times[1:]) / (len(times) - 1)}))


def ours(quill, folder, data, steps, out, *options):
    subprocess.run([quill, "train", "grpo", "--model", folder, "--data", f"{data}/questions.jsonl", "--databases",
                    f"{data}/databases", "--prompt", f"{data}/prompt.md", "--out", out, "--exercises", "1", "--generations",
                    str(ANSWERS), "--max-tokens", str(LENGTH), "--steps", str(steps), "--rank", "16", "--threads", str(THREADS),
                    "--quiet", *options], check=True, stdout=subprocess.DEVNULL)
    with open(Path(out) / "metrics.jsonl", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    tokens = [b["tokens"] - a["tokens"] for a, b in zip(lines, lines[1:])]
    seconds = sum(count / line["tokens_per_second"] for count, line in zip(tokens, lines[1:]))
    total = {key: sum(line[key] for line in lines) for key in ("judging_seconds", "judging_wait_seconds")}
    return {"seconds": seconds / (len(lines) - 1), **total}


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--theirs":
        return theirs(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    quill = sys.argv[2] if len(sys.argv) > 2 else "build/quill"
    steps = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as scratch:
        model, data = str(Path(scratch) / "model"), str(Path(scratch) / "data")
        for command in (["model", "init", "--out", model, "--tokenizer", sys.argv[1], *SHAPE],
                        ["data", "grammar", "--out", data, "--train", "1", "--eval", "100", "--databases", "4"]):
            subprocess.run([quill, *command, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        # the question alone, as TRL is asked
        (Path(data) / "prompt.md").write_text("## user\n{{question}}\n", encoding="utf-8")
        # a program that judges costs what TRL's own function does not: it is not what is compared
        length = ("--reward-command", 'while read -r line; do echo "{\\"reward\\": ${#line}}"; done')
        mine = ours(quill, model, data, steps, str(Path(scratch) / "run"), *length)
        # answers of 16 questions: those of one are judged while those of others are written
        (Path(scratch) / "slow.sh").write_text(SLEEPING, encoding="utf-8")
        slow = ours(quill, model, data, steps, str(Path(scratch) / "slow"), "--exercises", "16", "--asynchronous", "--jobs", "16",
                    "--reward-command", f"bash '{scratch}/slow.sh'")
        out = subprocess.run([sys.executable, __file__, "--theirs", model, f"{data}/questions.jsonl", str(steps)], check=True,
                             capture_output=True, text=True)
        peer = json.loads(out.stdout.splitlines()[-1])
    ratio = peer["seconds"] / mine["seconds"]
    hidden = 1 - slow["judging_wait_seconds"] / slow["judging_seconds"]
    print(f"a step: quill {mine['seconds']:.2f} s, TRL {peer['seconds']:.2f} s: {ratio:.1f} times as fast (at least {SPEED_LEAST})")
    print(f"a reward that sleeps 50 ms an answer: {100 * hidden:.1f} % of {slow['judging_seconds']:.1f} s hidden behind sampling "
          f"(at least {100 * HIDDEN_LEAST:.0f} %)")
    return 0 if ratio >= SPEED_LEAST and hidden >= HIDDEN_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
