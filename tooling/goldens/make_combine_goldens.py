"""Adapters combined by the real peft's add_weighted_adapter.

Writes data/combine/<adapter>: both files of save_pretrained of four adapters of one small model;
data/combine/cases.json: what was combined and how; data/combine/expected.safetensors: `<case>/<path>`, the update of each
module in the layout of its own weight, and `<case>/<path>/mask<n>`, what dare drew, in the order that
it drew: with svd one mask an adapter, else one an adapter of A `[rank, in]`, then of B `[out, rank]`.
"""
import json
import shutil

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import nn
from transformers.pytorch_utils import Conv1D

from golden import DATA, be_deterministic, write_json, write_tensors

OUT = DATA / "combine"
EVERY = ["q", "v", "turned", "table"]
ADAPTERS = {
    "poet": dict(r=3, lora_alpha=6, target_modules=EVERY, fan_in_fan_out=False),
    "critic": dict(r=3, lora_alpha=3, target_modules=EVERY),
    "bard": dict(r=3, lora_alpha=1.5, target_modules=["q"]),
    "wide": dict(r=5, lora_alpha=20, target_modules=["v", "table"]),
    "stable": dict(r=4, lora_alpha=6, target_modules=["q", "v"], use_rslora=True),
}
EQUAL = ["poet", "critic", "bard"]
PRUNED = ["ties", "dare_linear", "dare_ties", "magnitude_prune"]
DENSITY = 0.6


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.Linear(10, 7)
        self.v = nn.Linear(6, 11)


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(9, 6)
        self.layers = nn.ModuleList(Block() for _ in range(2))
        self.turned = Conv1D(5, 8)


def cases() -> dict[str, dict]:
    found = {}
    for kind in ["linear", "cat", "svd", *PRUNED, *(f"{kind}_svd" for kind in PRUNED)]:
        density = dict(density=DENSITY) if kind.removesuffix("_svd") in PRUNED else {}
        signs = ["total", "frequency"] if "ties" in kind else [None]
        for sign in signs:
            options = dict(combination_type=kind, **density, **({"majority_sign_method": sign} if sign else {}))
            found["-".join([kind, sign] if sign else [kind])] = dict(adapters=EQUAL, weights=[0.7, -0.5, 0.4], **options)
    unequal = dict(adapters=["poet", "wide"], weights=[0.8, 1.5])
    found["cat-unequal"] = dict(**unequal, combination_type="cat")
    found["svd-unequal"] = dict(**unequal, combination_type="svd")
    found["svd-cut"] = dict(**unequal, combination_type="svd", svd_rank=2)
    found["ties_svd-cut"] = dict(**unequal, combination_type="ties_svd", svd_rank=2, density=DENSITY)
    # peft keeps use_rslora in the result, whose scaling then is sqrt(rank) where it should be 1
    found["cat-rslora"] = dict(adapters=["stable", "poet"], weights=[1.0, 0.5], combination_type="cat")
    return found


def adapted():
    torch.manual_seed(61)
    base = Layers()
    model = None
    for name, options in ADAPTERS.items():
        config = LoraConfig(init_lora_weights=False, **options)
        if model is None:
            model = get_peft_model(base, config, adapter_name=name)
        else:
            model.add_adapter(name, config)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            nn.init.normal_(parameter)
    return model


def save(model) -> None:
    for name in ADAPTERS:
        model.save_pretrained(OUT / "all", selected_adapters=[name])
        shutil.move(OUT / "all" / name, OUT / name)
        config = json.loads((OUT / name / "adapter_config.json").read_text())
        config["target_modules"].sort()  # peft keeps a set: its order is arbitrary
        write_json(OUT / name / "adapter_config.json", config)
    shutil.rmtree(OUT / "all")


def recording_bernoulli(masks: list):
    draw = torch.bernoulli

    def recorded(*args, **kwargs):
        masks.append(draw(*args, **kwargs))
        return masks[-1]

    return recorded


def combined(model, name: str, case: dict) -> dict[str, torch.Tensor]:
    masks: list[torch.Tensor] = []
    draw, torch.bernoulli = torch.bernoulli, recording_bernoulli(masks)
    torch.manual_seed(67)
    try:
        model.add_weighted_adapter(adapter_name=name, **case)
    finally:
        torch.bernoulli = draw
    tensors = {}
    for path, module in model.base_model.model.named_modules():
        if not isinstance(module, LoraLayer) or name not in module.scaling:
            continue
        delta = module.get_delta_weight(name)
        tensors[f"{name}/{path}"] = delta
        if "dare" in name:
            present = sum(a in module.lora_A or a in module.lora_embedding_A for a in case["adapters"])
            for at in range(present * (1 if "svd" in name else 2)):
                tensors[f"{name}/{path}/mask{at}"] = masks.pop(0)
    assert not masks
    model.delete_adapter(name)
    return tensors


if __name__ == "__main__":
    be_deterministic()
    shutil.rmtree(OUT, ignore_errors=True)
    model = adapted()
    save(model)
    expected = {}
    for name, case in cases().items():
        expected |= combined(model, name, case)
    write_tensors(OUT / "expected.safetensors", expected)
    write_json(OUT / "cases.json", cases())
    print(len(cases()), "cases,", len(expected), "tensors")
