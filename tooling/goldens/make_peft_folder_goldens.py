"""One folder of save_pretrained for each thing that a PEFT adapter can hold: data/peft-folders.

Both files are as PEFT writes them, so that a round trip can be held against every byte; README.md is dropped.
"""
import os
import shutil

import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import LlamaForCausalLM
from transformers.pytorch_utils import Conv1D

from golden import DATA, be_deterministic

OUT = DATA / "peft-folders"


class Layers(nn.Module):
    """One layer of each kind."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 6)
        self.linear = nn.Linear(6, 4)
        self.turned = Conv1D(5, 4)
        self.conv1 = nn.Conv1d(3, 4, 3)
        self.conv2 = nn.Conv2d(4, 6, (3, 2))
        self.conv3 = nn.Conv3d(2, 4, 2)
        self.head = nn.Sequential(nn.Linear(5, 3), nn.LayerNorm(3))


def llama():
    return LlamaForCausalLM.from_pretrained("llama-tied", dtype=torch.float32)


EVERY = ["table", "linear", "turned", "conv1", "conv2", "conv3"]
CASES = {
    "layers": (Layers, dict(target_modules=EVERY)),
    "dora": (Layers, dict(target_modules=["table", "linear", "conv1", "conv2"], use_dora=True)),
    "lora-bias": (Layers, dict(target_modules=["linear", "turned"], lora_bias=True)),
    "modules-to-save": (Layers, dict(target_modules=["linear"], modules_to_save=["head"], lora_dropout=0.05)),
    "bias-all": (Layers, dict(target_modules=["linear"], bias="all")),
    "bias-lora-only": (Layers, dict(target_modules=["linear"], bias="lora_only")),
    "tokens": (Layers, dict(target_modules=["linear"], trainable_token_indices={"table": [1, 3]})),
    "parameters": (Layers, dict(target_parameters=["linear.weight"])),
    "half": (Layers, dict(target_modules=["linear", "turned"], lora_alpha=16.0, rank_pattern={"turned": 1})),
    "embedding": (llama, dict(target_modules=["embed_tokens", "q_proj"], task_type="CAUSAL_LM")),
    "layer-choice": (llama, dict(target_modules=["q_proj"], layers_to_transform=[1], layers_pattern="layers")),
    "pissa": (llama, dict(target_modules=["v_proj"], init_lora_weights="pissa")),
}


def make(name: str) -> None:
    build, options = CASES[name]
    torch.manual_seed(41)
    model = get_peft_model(build(), LoraConfig(r=2, **options))
    for parameter_name, parameter in model.named_parameters():
        if "lora_" in parameter_name and "magnitude" not in parameter_name:
            nn.init.normal_(parameter)
    if name == "half":  # one dtype each
        model.base_model.model.linear.to(torch.float16)
        model.base_model.model.turned.to(torch.bfloat16)
    model.save_pretrained(OUT / name)
    (OUT / name / "README.md").unlink()


if __name__ == "__main__":
    be_deterministic()
    os.chdir(DATA)  # PEFT writes down the path of the base
    shutil.rmtree(OUT, ignore_errors=True)
    for case in CASES:
        make(case)
