#!/usr/bin/env python3
"""`quill generate` beside transformers' generate: tokens a second at batch 1 and 8, in one run.

usage: generate.py TOKENIZER_FOLDER [QUILL]

TOKENIZER_FOLDER has the real Qwen2.5 tokenizer.json. A model of 20 M parameters with that vocabulary (128 wide, 4
layers, float32, random) is written by `quill model init`; both programs decode 128 tokens greedily on two cores, in
turn, three times; the fastest counts. Prints tokens a second, the ratio, and the share of the memory's bandwidth
that reading the weights once a step takes. Needs the environment of scripts/reference_env.sh. Exit code 1 when a ratio
is below 3 or the tokens differ.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

THREADS = 2
os.environ["OMP_NUM_THREADS"] = str(THREADS)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
import torch  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig  # noqa: E402

TOKENS = 128
ROUNDS = 3
PROMPT = "SELECT name, count(*) FROM singer WHERE age > 20 GROUP BY name ORDER BY"
SHAPE = ["--hidden", "128", "--layers", "4", "--inner", "352", "--heads", "4", "--kv-heads", "2"]


def bandwidth():
    """Bytes a second that two threads read."""
    block = torch.ones(1 << 27)  # 512 MB
    block.sum()
    begin = time.perf_counter()
    for _ in range(4):
        block.sum()
    return 4 * block.numel() * 4 / (time.perf_counter() - begin)


def theirs(model, tokenizer, batch):
    inputs = tokenizer([PROMPT] * batch, return_tensors="pt")
    config = GenerationConfig(max_new_tokens=TOKENS, min_new_tokens=TOKENS, do_sample=False, eos_token_id=None, pad_token_id=0)
    begin = time.perf_counter()
    out = model.generate(**inputs, generation_config=config)
    return batch * TOKENS / (time.perf_counter() - begin), out[0, inputs["input_ids"].shape[1]:].tolist()


def ours(quill, folder, batch):
    out = subprocess.run([quill, "generate", "--model", folder, "--prompt", PROMPT, "-n", str(batch), "--max-tokens", str(TOKENS),
                          "--threads", str(THREADS), "--json", "--quiet"], check=True, capture_output=True, text=True).stdout
    answers = json.loads(out)
    first = answers[0] if isinstance(answers, list) else answers
    return first["tokens_per_second"], first["ids"]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    quill = sys.argv[2] if len(sys.argv) > 2 else Path(__file__).parent.parent / "build/quill"
    torch.set_num_threads(THREADS)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([quill, "model", "init", "--out", folder, "--tokenizer", sys.argv[1], *SHAPE, "--quiet"], check=True, stdout=subprocess.DEVNULL)
        # No end token: both must write all the tokens.
        for name in ("config.json", "generation_config.json"):
            document = json.loads((Path(folder) / name).read_text())
            document.pop("eos_token_id", None)
            (Path(folder) / name).write_text(json.dumps(document))
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        step_bytes = 4 * sum(p.numel() for p in model.parameters())
        speed = bandwidth()
        print(f"{step_bytes / 4e6:.1f} M parameters, {THREADS} threads, memory {speed / 1e9:.1f} GB/s")
        for batch in (1, 8):
            rounds = [(theirs(model, tokenizer, batch), ours(quill, folder, batch)) for _ in range(ROUNDS)]
            reference, mine = max(r[0][0] for r in rounds), max(r[1][0] for r in rounds)
            same = rounds[0][0][1] == rounds[0][1][1]
            share = mine / batch * step_bytes / speed
            print(f"batch {batch}: transformers {reference:.0f} tok/s, quill {mine:.0f} tok/s: {mine / reference:.1f}x; {100 * share:.0f} % of the bandwidth; "
                  f"{'the same' if same else 'other'} tokens")
            good &= same and mine >= 3 * reference
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
