#!/usr/bin/env python3
"""Writes small tokenizers with byte fallback, and known chat templates, with what the reference makes of them.

usage: words_reference.py [FOLDER]   default tests/reference/words

NAME/tokenizer.json: a BPE learned by the tokenizers library, put into the frame that Llama 2's and Mistral's files
have. NAME/texts.jsonl: {"text", "ids", "alone", "decoded"} of that library: ids without and with special tokens, and
the text of the ids. chats.jsonl: {"template", "source", "messages", "open", "text"}: conversations through Jinja as
transformers runs it; text is null where the template refuses. Run it with the environment of scripts/reference_env.sh.
"""

import json
import sys
from pathlib import Path

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer, models, normalizers, trainers

SPECIAL = ["<unk>", "<s>", "</s>"]
MARK = "\u2581"
CORPUS = ["SELECT name, count(*) FROM singer WHERE age > 20 GROUP BY name ORDER BY count(*) DESC LIMIT 3;",
          "How many singers are there? List their names; the café in Zürich, naïve façade.", "aaa aab aab low lower lowest"] * 4
TEXTS = ["", " ", "  ", "a", " a", "a  b", "SELECT 1", "SELECT count(*) FROM singer", "<s>", "<s>low", "low</s> lower", "<s> low</s>x", "▁a", "é", "日本 🙂",
         "a\nb\r\n\tc", "\0", "e\u0301", "lowest lowest", "x" * 100, "low " * 60, "</s></s>", "\u00a0 a", "Zürich façade ÀÉ", "<0x41>", "🙂🙂 é"]

ALTERNATE = ("{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate "
             "user/assistant/user/assistant/...') }}{% endif %}")
MISTRAL = ("{{ bos_token }}{% for message in messages %}" + ALTERNATE + "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
           "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}"
           "{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}")
LLAMA2 = ("{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}"
          "{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}" + ALTERNATE +
          "{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
          "{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
          "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}")
LLAMA3 = ("{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ "
          "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")
CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
QWEN2 = CHATML.replace("{{'<|im_start|>' + m", "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}"
                       "{% endif %}{{'<|im_start|>' + m", 1)
TEMPLATES = [  # name, source, bos, eos; sources as the models' own tokenizer_config.json have them
    ("mistral", MISTRAL, "<s>", "</s>"),
    ("mistral-v0.1", MISTRAL.replace("eos_token}}", "eos_token + ' ' }}"), "<s>", "</s>"),
    ("llama2", LLAMA2, "<s>", "</s>"),
    ("llama2", LLAMA2.replace("' '  + content", "' ' + content"), "<s>", "</s>"),
    ("llama3", LLAMA3, "<|begin_of_text|>", "<|eot_id|>"),
    ("llama3", LLAMA3.replace("\n", "\\n"), "<|begin_of_text|>", "<|eot_id|>"),
    ("llama3", LLAMA3.replace("{% if add_generation_prompt %}", "").removesuffix("{% endif %}"), "<|begin_of_text|>", "<|eot_id|>"),
    ("chatml", CHATML, "", ""),
    ("chatml", CHATML.replace("\n", "\\n"), "", ""),
    ("qwen2", QWEN2, "", ""),
    ("qwen2", QWEN2.replace("\n", "\\n"), "", ""),
]


def turns(*contents, system=None):
    messages = [] if system is None else [{"role": "system", "content": system}]
    return messages + [{"role": ("user", "assistant")[i % 2], "content": content} for i, content in enumerate(contents)]


CHATS = [
    turns("Hi"), turns("  How many?\n\n SELECT 1; \u3000", system=" You write SQL.\n"), turns("a", "b"), turns("a", " b\t", "c"),
    turns("a", "b", "c", "d", system="S"), turns("", ""), [{"role": "assistant", "content": "x"}], turns("a") + turns("b"),
    [{"role": "user", "content": "[INST] </s> <<SYS>>"}],
]


def learned():
    """Vocabulary and merges of a plain BPE over marked spaces."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=180, show_progress=False))
    return json.loads(tokenizer.to_str())["model"]


def file_of(model, begin):
    tokens = SPECIAL + [f"<0x{byte:02X}>" for byte in range(256)] + sorted(model["vocab"], key=model["vocab"].get)
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": MARK}
    prepended = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": MARK}, replace]}
    metaspace = {"type": "Metaspace", "replacement": MARK, "prepend_scheme": begin, "split": False}
    decoders = [{"type": "Replace", "pattern": {"String": MARK}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]
    if begin != "never":
        decoders.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    piece, text = {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True} for i, t in enumerate(SPECIAL)],
        "normalizer": prepended if begin == "normalizer" else None,
        "pre_tokenizer": None if begin == "normalizer" else metaspace,
        "post_processor": {"type": "TemplateProcessing", "single": [piece, text], "pair": [piece, text, piece, {"Sequence": {"id": "B", "type_id": 1}}],
                           "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True,
                  "byte_fallback": True, "ignore_merges": False, "vocab": {token: i for i, token in enumerate(tokens)}, "merges": model["merges"]},
    }


def write_tokenizer(folder, document):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with open(folder / "texts.jsonl", "w", encoding="utf-8") as out:
        for text in TEXTS:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            line = {"text": text, "ids": ids, "alone": tokenizer.encode(text).ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)}
            out.write(json.dumps(line) + "\n")


def rendered(source, messages, is_open, bos, eos):
    def raise_exception(message):
        raise TemplateError(message)
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = raise_exception
    try:
        return environment.from_string(source).render(messages=messages, add_generation_prompt=is_open, bos_token=bos, eos_token=eos)
    except TemplateError:
        return None


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests/reference/words")
    model = learned()
    for name, begin in (("llama2", "normalizer"), ("mistral", "first"), ("always", "always"), ("never", "never")):
        write_tokenizer(folder / name, file_of(model, begin))
    with open(folder / "chats.jsonl", "w", encoding="utf-8") as out:
        for name, source, bos, eos in TEMPLATES:
            for messages in CHATS:
                for is_open in (True, False):
                    line = {"template": name, "source": source, "messages": messages, "open": is_open, "text": rendered(source, messages, is_open, bos, eos)}
                    out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
