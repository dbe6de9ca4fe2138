#!/usr/bin/env python3
"""Writes small random Qwen2 models and what transformers makes of them, for tests/model/torch.

usage: model_reference.py [FOLDER]   default tests/reference

Each case is a folder as Hugging Face saves it, with reference.safetensors beside: ids (T), logits
(T, V), greedy (G): the tokens of greedy decoding, gaps (G): between the two best logits of each step.
Run it with the environment of scripts/reference_env.sh; the same versions write the same bytes.
"""

import json
import sys
from pathlib import Path

import bitsandbytes
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, LlamaConfig, MistralConfig, Qwen2Config, Qwen2ForCausalLM

GREEDY_TOKENS = 256
PROMPT_TOKENS = 24
VOCABULARY = 300

CASES = {
    # name: heads, heads of keys and values, width of a head, tied
    "tied": (4, 2, 8, True),
    "untied": (4, 4, 8, False),
    "grouped": (6, 1, 4, True),
    "wide_heads": (2, 1, 32, False),
    "llama": (4, 2, 8, False, LlamaConfig, {}),
    "mistral": (4, 2, 8, False, MistralConfig, {"sliding_window": 10}),
}


def config_of(heads, kv_heads, head_width, tied, kind=Qwen2Config, more=None):
    return kind(
        vocab_size=VOCABULARY, hidden_size=heads * head_width, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=heads, num_key_value_heads=kv_heads, max_position_embeddings=512, rope_theta=10000.0,
        rms_norm_eps=1e-6, tie_word_embeddings=tied, initializer_range=0.3, bos_token_id=None, eos_token_id=None, **(more or {}))


def randomise(model, generator):
    """Biases and norms too: a start of zeros and ones would hide that they are left out."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or name.endswith("norm.weight"):
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)


@torch.no_grad()
def greedy(model, ids):
    sequence, gaps = ids.tolist(), []
    for _ in range(GREEDY_TOKENS):
        best = model(torch.tensor([sequence])).logits[0, -1].topk(2)
        gaps.append(float(best.values[0] - best.values[1]))
        sequence.append(int(best.indices[0]))
    return torch.tensor(sequence[len(ids):]), torch.tensor(gaps)


def write_case(folder, name, shape):
    torch.manual_seed(len(name))
    generator = torch.Generator().manual_seed(7)
    model = AutoModelForCausalLM.from_config(config_of(*shape)).eval()
    randomise(model, generator)
    model.save_pretrained(folder / name)
    ids = torch.randint(0, VOCABULARY, (PROMPT_TOKENS,), generator=generator)
    with torch.no_grad():
        logits = model(ids.unsqueeze(0)).logits[0].contiguous()
    tokens, gaps = greedy(model, ids)
    save_file({"ids": ids, "logits": logits, "greedy": tokens, "gaps": gaps}, folder / name / "reference.safetensors")
    print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, smallest gap {gaps.min():.2e}")


def write_adapter(folder, name, base):
    """A PEFT adapter over a case, with other ranks and scales for some maps."""
    model = Qwen2ForCausalLM.from_pretrained(folder / base).eval()
    config = LoraConfig(r=4, lora_alpha=6, use_rslora=True, target_modules="all-linear", task_type="CAUSAL_LM",
                        rank_pattern={"q_proj": 2, "layers.1.mlp.up_proj": 3}, alpha_pattern={"down_proj": 9})
    torch.manual_seed(3)
    peft = get_peft_model(model, config)
    with torch.no_grad():
        for parameter_name, parameter in peft.named_parameters():
            if ".lora_B." in parameter_name:
                parameter.copy_(torch.randn(parameter.shape) * 0.3)
        ids = load_file(folder / base / "reference.safetensors")["ids"]
        logits = peft(ids.unsqueeze(0)).logits[0].contiguous()
    peft.peft_config["default"].base_model_name_or_path = base
    peft.save_pretrained(folder / name)
    (folder / name / "README.md").unlink(missing_ok=True)
    path = folder / name / "adapter_config.json"
    document = json.loads(path.read_text())
    document["target_modules"].sort()  # a set, in whatever order
    path.write_text(json.dumps(document, indent=2) + "\n")
    save_file({"ids": ids, "logits": logits, "greedy": ids.clone(), "gaps": torch.zeros(1)}, folder / name / "reference.safetensors")


NF4_STATE = ".quant_state.bitsandbytes__nf4"


def unpacked(tensors, name):
    """By the format's own words: bitsandbytes 0.50 unpacks on the CPU only rows that are whole blocks."""
    state = json.loads(bytes(tensors[name + NF4_STATE].tolist()))
    scales = tensors[name + ".nested_quant_map"][tensors[name + ".absmax"].long()] * tensors[name + ".nested_absmax"][0] + state["nested_offset"]
    codes = torch.stack([tensors[name].view(-1) >> 4, tensors[name].view(-1) & 15], 1).view(-1)
    return (tensors[name + ".quant_map"][codes.long()].view(-1, state["blocksize"]) * scales.view(-1, 1)).view(state["shape"])


def write_nf4(folder, name, base):
    """The case in four bits, as transformers and bitsandbytes save it, and a matrix quantised alone."""
    quantisation = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                                      bnb_4bit_compute_dtype=torch.float32)
    model = Qwen2ForCausalLM.from_pretrained(folder / base, quantization_config=quantisation, device_map="cpu", dtype=torch.float32).eval()
    model.save_pretrained(folder / name)
    (folder / name / "generation_config.json").unlink(missing_ok=True)
    ids = load_file(folder / base / "reference.safetensors")["ids"]
    matrix = torch.randn(96, 128, generator=torch.Generator().manual_seed(11)) * 0.02
    matrix[3] = 0
    codes, state = bitsandbytes.functional.quantize_4bit(matrix, quant_type="nf4", blocksize=64, compress_statistics=True)
    _, plain = bitsandbytes.functional.quantize_4bit(matrix, quant_type="nf4", blocksize=64)
    tensors = load_file(folder / name / "model.safetensors")
    plain_model = Qwen2ForCausalLM.from_pretrained(folder / base).eval()
    with torch.no_grad():
        for key in tensors:
            if key.endswith(NF4_STATE):
                matrix_name = key.removesuffix(NF4_STATE)
                plain_model.state_dict()[matrix_name].copy_(unpacked(tensors, matrix_name))
        logits = plain_model(ids.unsqueeze(0)).logits[0].contiguous()
    save_file({"ids": ids, "logits": logits, "greedy": ids.clone(), "gaps": torch.zeros(1), "matrix": matrix, "codes": codes.view(-1),
               "scales": plain.absmax, "nested_codes": state.absmax, "nested_scales": state.state2.absmax, "nested_map": state.state2.code,
               "offset": state.offset.view(1), "values": bitsandbytes.functional.dequantize_4bit(codes, state)}, folder / name / "reference.safetensors")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent / "tests/reference")
    for name, shape in CASES.items():
        write_case(folder, name, shape)
        (folder / name / "generation_config.json").unlink(missing_ok=True)
    write_adapter(folder, "adapter", "tied")
    write_nf4(folder, "nf4", "tied")
    (folder / "versions.json").write_text(json.dumps({"torch": torch.__version__.split("+")[0], "transformers": __import__("transformers").__version__}) + "\n")


if __name__ == "__main__":
    main()
