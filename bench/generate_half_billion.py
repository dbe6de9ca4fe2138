#!/usr/bin/env python3
"""`quill generate` beside transformers' generate on a 0.5 B shape (Qwen2.5-0.5B's, random, float32): speed and memory.

usage: generate_half_billion.py TOKENIZER_FOLDER [QUILL]

Each program runs as a process of its own, in turn, twice; 32 tokens at batch 1 on two cores. Prints tokens a second, the ratio, the
share of the memory's bandwidth that reading the weights once a token takes, and the largest anonymous memory of each process (RssAnon:
what is not a mapped file). Needs 5 GB of memory and 2 GB of disk, and the environment of scripts/reference_env.sh. Exit code 1 when
Quill is slower or takes more anonymous memory.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

THREADS, TOKENS, ROUNDS = 2, 32, 2
PROMPT = "SELECT name, count(*) FROM singer WHERE age > 20 GROUP BY name ORDER BY"
SHAPE = ["--hidden", "896", "--layers", "24", "--inner", "4864", "--heads", "14", "--kv-heads", "2"]

THEIRS = """
import sys, time, json, torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
torch.set_num_threads(int(sys.argv[2]))
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
tokens = int(sys.argv[3])
inputs = AutoTokenizer.from_pretrained(sys.argv[1])([sys.argv[4]], return_tensors="pt")
config = GenerationConfig(max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False, eos_token_id=None, pad_token_id=0)
begin = time.perf_counter()
out = model.generate(**inputs, generation_config=config)
print(json.dumps({"tokens_per_second": tokens / (time.perf_counter() - begin), "ids": out[0, inputs["input_ids"].shape[1]:].tolist()}))
"""


def watch(process, peak):
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    peak[0] = max(peak[0], int(line.split()[1]) / 1024)
        except OSError:
            return
        time.sleep(0.02)


def run(command):
    """The answer (its last line of stdout, or all of it), and the largest anonymous memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process, peak))
    watcher.start()
    out = process.stdout.read()
    watcher.join()
    return json.loads(out if out.lstrip().startswith("{\n") else out.splitlines()[-1]), peak[0]


def bandwidth():
    """Bytes a second that two threads read."""
    import torch
    torch.set_num_threads(THREADS)
    block = torch.ones(1 << 27)
    begin = time.perf_counter()
    for _ in range(4):
        block.sum()
    return 4 * block.numel() * 4 / (time.perf_counter() - begin)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    quill = sys.argv[2] if len(sys.argv) > 2 else str(Path(__file__).parent.parent / "build/quill")
    speed = bandwidth()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([quill, "model", "init", "--out", folder, "--tokenizer", sys.argv[1], *SHAPE, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        for name in ("config.json", "generation_config.json"):  # no end token: both must write all the tokens
            document = json.loads((Path(folder) / name).read_text())
            document.pop("eos_token_id", None)
            (Path(folder) / name).write_text(json.dumps(document))
        step_bytes = (Path(folder) / "model.safetensors").stat().st_size
        theirs_command = [sys.executable, "-c", THEIRS, folder, str(THREADS), str(TOKENS), PROMPT]
        ours_command = [quill, "generate", "--model", folder, "--prompt", PROMPT, "--max-tokens", str(TOKENS), "--threads", str(THREADS), "--json", "--quiet"]
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(run(theirs_command))
            ours.append(run(ours_command))
    reference, mine = max(a["tokens_per_second"] for a, _ in theirs), max(a["tokens_per_second"] for a, _ in ours)
    their_memory, our_memory = min(m for _, m in theirs), max(m for _, m in ours)
    same = theirs[0][0]["ids"] == ours[0][0]["ids"]
    print(f"{step_bytes / 4e6:.0f} M parameters, {THREADS} threads, memory {speed / 1e9:.1f} GB/s")
    print(f"batch 1: transformers {reference:.1f} tok/s, {their_memory:.0f} MB; quill {mine:.1f} tok/s, {our_memory:.0f} MB: {mine / reference:.2f}x; "
          f"{100 * mine * step_bytes / speed:.0f} % of the bandwidth; {'the same' if same else 'other'} tokens")
    sys.exit(0 if mine >= reference and our_memory <= their_memory else 1)


if __name__ == "__main__":
    main()
