#!/usr/bin/env python3
"""Quill's tokenizer beside the tokenizers library: the same ids? how much faster on one core?

usage: tokenizer.py MODEL_FOLDER SHARED_DATA [PROGRAM]

Texts: every question, query and schema of SHARED_DATA, one million characters of assigned Unicode
in lines of 200, and conversations through the chat template. Processor time of one core, so that
another program on the machine counts little. MODEL_FOLDER has tokenizer.json and
tokenizer_config.json. Needs the packages of scripts/requirements-reference.txt. Exit code 1 when an
id differs or the ratio is below 3.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
from tokenizers import Tokenizer  # noqa: E402

PASSES = 5
UNICODE_CHARACTERS = 1_000_000


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from strings_of(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings_of(each)


def data_texts(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                yield from strings_of(json.loads(line)) if line.strip() else ()
        elif path.suffix == ".json":
            yield from strings_of(json.loads(path.read_text(encoding="utf-8")))
        elif path.suffix in (".sql", ".md", ".txt"):
            yield path.read_text(encoding="utf-8")


def unicode_texts(seed=1):
    """Assigned code points: half the characters from anywhere, half from where text lives."""
    rng = random.Random(seed)
    assigned = [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    common = [c for c in assigned if ord(c) < 0x3000]
    for _ in range(UNICODE_CHARACTERS // 200):
        yield "".join(rng.choice(assigned if rng.random() < 0.5 else common) for _ in range(200))


def chat_texts(folder):
    config = json.loads((folder / "tokenizer_config.json").read_text())
    if not config.get("chat_template"):
        return
    template = config["chat_template"]
    import jinja2
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    render = environment.from_string(template).render
    user = {"role": "user", "content": "How many singers are there?\n\n  SELECT 1;"}
    answer = {"role": "assistant", "content": "SELECT count(*) FROM singer"}
    system = {"role": "system", "content": "You write SQL."}
    for messages in ([user], [system, user], [user, answer, user], [system, user, answer, user, answer]):
        for open_answer in (True, False):
            yield render(messages=messages, add_generation_prompt=open_answer, bos_token=config.get("bos_token"))


def reference(folder, texts):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = [tokenizer.encode(text).ids for text in texts]
    ways = {
        "encode": lambda: [tokenizer.encode(text) for text in texts],
        "encode_batch_fast": lambda: tokenizer.encode_batch_fast(texts),
    }
    times = {}
    for name, way in ways.items():
        best = float("inf")
        for _ in range(PASSES):
            begin = time.process_time()
            way()
            best = min(best, time.process_time() - begin)
        times[name] = best
    return ids, times


def ours(program, folder, texts, scratch):
    (scratch / "texts.jsonl").write_text("".join(json.dumps(t, ensure_ascii=False) + "\n" for t in texts), encoding="utf-8")
    out = subprocess.run([program, folder, scratch / "texts.jsonl", scratch / "ids.jsonl", str(PASSES)],
                         check=True, capture_output=True, text=True).stdout
    lines = (scratch / "ids.jsonl").read_text().splitlines()
    return [json.loads(line)["ids"] for line in lines], json.loads(out)


def compare(name, program, folder, texts, scratch):
    theirs, times = reference(folder, texts)
    mine, facts = ours(program, folder, texts, scratch)
    differing = [i for i, (a, b) in enumerate(zip(theirs, mine)) if a != b]
    size = sum(len(t.encode()) for t in texts)
    fastest = min(times.values())
    print(f"{name}: {len(texts)} texts, {size / 1e6:.2f} MB, {sum(map(len, theirs))} ids, {len(differing)} texts differ; "
          f"tokenizers {size / times['encode'] / 1e6:.1f} MB/s (batch {size / times['encode_batch_fast'] / 1e6:.1f}), "
          f"quill {size / facts['seconds'] / 1e6:.1f} MB/s: {fastest / facts['seconds']:.1f}x; load {facts['load_seconds']} s")
    for i in differing[:5]:
        at = next((k for k, (a, b) in enumerate(zip(theirs[i], mine[i])) if a != b), -1)
        print(f"  text {i}: from id {at}: {theirs[i][at:at + 6]} against {mine[i][at:at + 6]}: {texts[i][:60]!r}")
    return not differing, fastest / facts["seconds"]


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    program = Path(sys.argv[3] if len(sys.argv) > 3 else Path(__file__).parent.parent / "build/bench/bench_tokenizer")
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for name, texts in (("data", list(data_texts(data))), ("unicode", list(unicode_texts())), ("chat", list(chat_texts(folder)))):
            if not texts:
                continue
            same, ratio = compare(name, program, folder, texts, Path(scratch))
            good &= same and (ratio >= 3 or name != "data")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
