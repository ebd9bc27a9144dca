"""Logits of small random models of every family and option, computed by transformers.

Writes data/families/<case of families.py> for those that are kept: config.json, model.safetensors (BF16), and expected.safetensors with logits
`[2, 20, 32]` in float32 for the ids of data/families/ids.json.
"""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from families import CASES, IDS, Case, random_model
from golden import DATA, be_deterministic, logits_of, write_json, write_tensors

FOLDER = DATA / "families"


def use_hub_spelling(path: Path) -> None:
    """transformers 4's spelling, as most configs on the hub have it."""
    config = json.loads(path.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = {"type": rope.pop("rope_type"), **rope} if rope["rope_type"] != "default" else None
    config["torch_dtype"] = config.pop("dtype")
    config.pop("layer_types", None)
    write_json(path, dict(sorted(config.items())))


def use_bare_names(path: Path, positions: int) -> None:
    tensors = {name.removeprefix("transformer."): value for name, value in load_file(path).items()}
    for layer in {name.split(".")[1] for name in tensors if name.startswith("h.")}:
        tensors[f"h.{layer}.attn.bias"] = torch.ones(1, 1, positions, positions).tril().bfloat16()
        tensors[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4).bfloat16()
    save_file(tensors, path, metadata={"format": "pt"})


def make(name: str, case: Case, seed: int) -> None:
    folder = FOLDER / name
    random_model(case, seed).bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if case.hub_spelling:
        use_hub_spelling(folder / "config.json")
    if case.bare_names:
        use_bare_names(folder / "model.safetensors", 24)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    logits = logits_of(model, IDS)
    write_tensors(folder / "expected.safetensors", {"logits": logits})
    print(f"{name:20} logit std {logits.std().item():.3f}")


if __name__ == "__main__":
    be_deterministic()
    logging.disable_progress_bar()
    write_json(FOLDER / "ids.json", IDS.tolist())
    for seed, (name, case) in enumerate(CASES.items(), start=100):
        if case.kept:
            make(name, case, seed)
