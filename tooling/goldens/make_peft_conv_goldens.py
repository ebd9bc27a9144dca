"""Adapters of convolutions by the real peft, with their outputs, gradients, one AdamW step and merged kernels.

Writes data/peft-convs/<net>.safetensors, the bases with an input `x`, and data/peft-convs/<case>: both files of
save_pretrained, and expected.safetensors with `output`, `gradients/<name>` of the mean square of the output,
`final/<name>` after one step, under the names of adapter_model.safetensors, and `merged/<path>` where PEFT merges.
"""
import copy
import json
import os
import shutil

import torch
from peft import LoraConfig, get_peft_model
from torch import nn

from golden import DATA, be_deterministic, write_json, write_tensors
from make_peft_kind_goldens import ADAMW, named

OUT = DATA / "peft-convs"


class Plane(nn.Module):
    """Convolutions of each kind over images."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding="same")
        self.second = nn.Conv2d(4, 6, (2, 3), stride=2, bias=False)
        self.grouped = nn.Conv2d(6, 8, 3, padding="same", groups=2)
        self.dilated = nn.Conv2d(8, 4, 3, padding="same", dilation=2)
        self.last = nn.Conv2d(4, 3, 1)

    def forward(self, x):
        for layer in self.children():
            x = torch.tanh(layer(x))
        return x


class Line(nn.Module):
    """Convolutions over sequences."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(3, 4, 3, padding="same")
        self.second = nn.Conv1d(4, 6, 4, stride=2)
        self.last = nn.Conv1d(6, 3, 1)

    def forward(self, x):
        for layer in self.children():
            x = torch.tanh(layer(x))
        return x


class Image(nn.Module):
    """A classifier whose layers tfjs-layers has too."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding="same")
        self.second = nn.Conv2d(4, 6, 3, stride=2)
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        for layer in (self.first, self.second):
            x = torch.tanh(layer(x))
        return self.head(x.mean((2, 3)))


NETS = {"plane": (Plane, (2, 3, 9, 8)), "line": (Line, (2, 3, 11)), "image": (Image, (2, 3, 9, 8))}
PLAIN = ["first", "second", "last"]
CASES = {
    "plain": ("plane", dict(target_modules=PLAIN, lora_alpha=5)),
    "ranks": ("plane", dict(target_modules=PLAIN, use_rslora=True, rank_pattern={"second": 3}, alpha_pattern={"last": 2})),
    "biases": ("plane", dict(target_modules=["first", "last"], lora_bias=True, bias="lora_only")),
    "dora": ("plane", dict(target_modules=PLAIN, use_dora=True, lora_alpha=5)),
    "grouped": ("plane", dict(target_modules=["grouped", "first"], lora_alpha=3)),
    "dilated": ("plane", dict(target_modules=["dilated", "second"], lora_alpha=3)),
    "dilated-dora": ("plane", dict(target_modules=["dilated"], use_dora=True)),
    "whole": ("plane", dict(target_modules=["first"], modules_to_save=["second", "grouped", "dilated"])),
    "bias-all": ("plane", dict(target_modules=["second", "last"], bias="all")),
    "line": ("line", dict(target_modules=PLAIN, lora_alpha=5)),
    "line-dora": ("line", dict(target_modules=PLAIN, use_dora=True, use_rslora=True)),
    "line-whole": ("line", dict(target_modules=["first"], modules_to_save=["second"])),
    "image": ("image", dict(target_modules=["first", "second"], lora_alpha=5, modules_to_save=["head"])),
}
UNMERGEABLE = {"grouped", "dilated", "dilated-dora"}


def build(net: str):
    kind, shape = NETS[net]
    torch.manual_seed(61)
    return kind().eval(), torch.randn(shape)


def adapted(net: str, options: dict):
    model, x = build(net)
    torch.manual_seed(62)
    model = get_peft_model(model, LoraConfig(r=2, **copy.deepcopy(options)))
    for name, p in model.named_parameters():
        if p.requires_grad and "lora_magnitude" not in name:
            p.data += 0.3 * torch.randn_like(p)
        elif p.requires_grad:
            p.data *= 1 + 0.2 * torch.randn_like(p)
    return model.eval(), x


def make(case: str) -> None:
    net, options = CASES[case]
    folder = OUT / case
    model, x = adapted(net, options)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    config["target_modules"].sort()  # peft keeps a set: its order is arbitrary
    write_json(folder / "adapter_config.json", config)
    merged = {}
    if case not in UNMERGEABLE:
        whole = adapted(net, options)[0].merge_and_unload()
        torch.testing.assert_close(whole(x), model(x), rtol=1e-4, atol=1e-5)
        merged = {f"merged/{name}": p for name, p in whole.named_parameters()}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], **ADAMW)
    output = model(x)
    output.square().mean().backward()
    gradients = named(model, lambda p: p.grad)
    optimizer.step()
    write_tensors(folder / "expected.safetensors", {
        "output": output,
        **{f"gradients/{name}": t for name, t in gradients.items()},
        **{f"final/{name}": t for name, t in named(model).items()},
        **merged,
    })
    print(case, output.square().mean().item(), len(gradients))


if __name__ == "__main__":
    be_deterministic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    os.chdir(DATA)
    for net in NETS:
        model, x = build(net)
        write_tensors(OUT / f"{net}.safetensors", {"x": x, **model.state_dict()})
    for case in CASES:
        make(case)
