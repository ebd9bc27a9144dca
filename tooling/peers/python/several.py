"""Several adapters of PEFT's on one base."""
import copy

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

import adapters
import bases


def make(base: str, head: str, folder: str, configs: dict, weights: dict, rows: list, seed: int, inputs: dict) -> None:
    """Saves adapters with random factors, each in `folder` under its name, and in expected.safetensors what PEFT makes of
    them: `together`, of all at once; `weighted`, of their combination; `rows`, of one for each row of the batch."""
    torch.manual_seed(seed)
    first, *others = configs
    model = get_peft_model(copy.deepcopy(bases.held(base, head)), LoraConfig(**configs[first]), first)
    for name in others:
        model.add_adapter(name, LoraConfig(**configs[name]))
    model.eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.copy_(adapters.randomised(name, parameter))
        model.save_pretrained(folder)
        by_row = bases.output(model, head, inputs, adapter_names=rows)
        model.base_model.set_adapter(list(configs))
        together = bases.output(model, head, inputs)
        model.add_weighted_adapter(list(weights), list(weights.values()), "weighted", combination_type="cat")
        model.set_adapter("weighted")
        expected = {"together": together, "rows": by_row, "weighted": bases.output(model, head, inputs)}
    save_file({name: value.contiguous() for name, value in expected.items()}, f"{folder}/expected.safetensors")
