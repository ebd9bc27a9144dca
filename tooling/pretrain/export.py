"""Writes a checkpoint as a Hugging Face Llama folder with F16 weights.

  export.py checkpoint.pt folder [--mean]     --mean takes the running mean of the weights (interim exports)
"""
import argparse
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parent / "model"))
from llama import EPS, HEAD_DIM, HEADS, HIDDEN, INTER, KV_HEADS, LAYERS, THETA, VOCAB  # noqa: E402
from settings import CONTEXT, RUN  # noqa: E402

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
    "bos_token_id": 0, "eos_token_id": 0, "head_dim": HEAD_DIM, "hidden_act": "silu", "hidden_size": HIDDEN,
    "initializer_range": 0.02, "intermediate_size": INTER, "max_position_embeddings": CONTEXT, "mlp_bias": False,
    "model_type": "llama", "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
    "num_key_value_heads": KV_HEADS, "pretraining_tp": 1, "rms_norm_eps": EPS, "rope_scaling": None,
    "rope_theta": THETA, "tie_word_embeddings": True, "torch_dtype": "float16", "use_cache": True,
    "vocab_size": VOCAB,
}
GENERATION = {"bos_token_id": 0, "do_sample": True, "eos_token_id": 0, "temperature": 0.8, "top_p": 0.95}


def huggingface_names(state: dict) -> dict:
    """Splits the fused matrices; the tied head is not stored."""
    q, kv = HEADS * HEAD_DIM, KV_HEADS * HEAD_DIM
    named = {"model.embed_tokens.weight": state["embed"], "model.norm.weight": state["norm.weight"]}
    for i in range(LAYERS):
        own, to = (lambda n: state[f"blocks.{i}.{n}"]), f"model.layers.{i}."
        for name, part in zip("qkv", own("qkv").split([q, kv, kv])):
            named[f"{to}self_attn.{name}_proj.weight"] = part
        for name, part in zip(("gate", "up"), own("gate_up").split(INTER)):
            named[f"{to}mlp.{name}_proj.weight"] = part
        named[f"{to}self_attn.o_proj.weight"] = own("out")
        named[f"{to}mlp.down_proj.weight"] = own("down")
        named[f"{to}input_layernorm.weight"] = own("norm1.weight")
        named[f"{to}post_attention_layernorm.weight"] = own("norm2.weight")
    return named


def write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("checkpoint", type=Path)
    p.add_argument("folder", type=Path)
    p.add_argument("--mean", action="store_true")
    o = p.parse_args()
    saved = torch.load(o.checkpoint)
    names = [n for n in saved["model"]]
    state = dict(zip(names, saved["mean"])) if o.mean else saved["model"]
    half = {n: t.half().contiguous().clone() for n, t in huggingface_names(state).items()}
    assert all(t.isfinite().all() for t in half.values())
    o.folder.mkdir(parents=True, exist_ok=True)
    save_file(half, o.folder / "model.safetensors", metadata={"format": "pt"})
    (o.folder / "model.safetensors").chmod(0o644)
    write_json(o.folder / "config.json", CONFIG)
    write_json(o.folder / "generation_config.json", GENERATION)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(RUN / name, o.folder / name)
    print(f"step {saved['step']}, {saved['seconds']:.0f} s, {sum(t.numel() for t in half.values())} parameters")


if __name__ == "__main__":
    main()
