"""Every exported format, opened by the library that it is made for."""

import json
import pathlib
import sys
import tempfile

import datasets
from trl import data_utils

datasets.disable_progress_bars()

ROLES = ["system", "user", "assistant"]


def rows_of(path):
    """What Quill wrote, read without any library."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else [json.loads(x) for x in text.splitlines()]


def loaded(path, cache):
    return datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=cache)


def is_chat(row):
    assert [m["role"] for m in row["messages"]] == ROLES, row["messages"]
    assert data_utils.is_conversational(row), "trl does not see a conversation"


def is_text(row):
    assert isinstance(row["prompt"], str) and isinstance(row["completion"], str)
    assert not data_utils.is_conversational({k: row[k] for k in ("prompt", "completion")})


def is_preference(row):
    pair = {key: row[key] for key in ("prompt", "chosen", "rejected")}
    assert data_utils.is_conversational(pair), "trl does not see a conversational preference"
    assert [m["role"] for m in row["prompt"]] == ROLES[:2]
    assert row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant"
    assert row["chosen"] != row["rejected"]


def is_prompt(row):
    assert data_utils.is_conversational({"prompt": row["prompt"]})
    assert row["answer"] and row["schema"] and row["before"]


FORMATS = {
    "openai_format.jsonl": is_chat,
    "huggingface_format.json": is_text,
    "qwen_format.jsonl": is_chat,
    "dpo_format.jsonl": is_preference,
    "grpo_format.jsonl": is_prompt,
}


def main(folder):
    failed = 0
    with tempfile.TemporaryDirectory() as cache:
        for name, check in FORMATS.items():
            path = folder / name
            if not path.exists():
                print(f"missing {name}")
                failed += 1
                continue
            written, read = rows_of(path), loaded(path, cache)
            same = len(written) == len(read) and all(a == b for a, b in zip(written, read))
            for row in read:
                check(row)
            print(f"{'ok     ' if same else 'differs'} {name}: {len(written)} written, "
                  f"{len(read)} read")
            failed += not same
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
