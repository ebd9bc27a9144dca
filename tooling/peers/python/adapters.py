"""Adapters by PEFT: made with random factors, and loaded from what lowrank wrote."""
import copy
import logging
import os
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

import bases
import optimizers

DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def make(
    base: str, head: str, folder: str, config: dict, dtype: str, seed: int, inputs: dict, adamw: dict, optimizer: str
) -> list[str]:
    """Saves an adapter as PEFT does, and in expected.safetensors beside it what PEFT makes of it: `output`, `merged`,
    `gradient/<name>` and `updated/<name>` after one step. Returns what PEFT warns of when it loads its own files."""
    torch.manual_seed(seed)
    model = get_peft_model(copy.deepcopy(bases.held(base, head)), LoraConfig(**config)).eval()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    with torch.no_grad():
        for name, parameter in trained.items():
            parameter.copy_(randomised(name, parameter).to(DTYPES[dtype]).float())
        model.save_pretrained(folder)
        if dtype != "F32":
            store_as(f"{folder}/adapter_model.safetensors", DTYPES[dtype])
        os.remove(f"{folder}/README.md")
        expected = {"output": bases.output(model, head, inputs)}
        if not (config["lora_bias"] and any(m.base_layer.bias is None for m in adapted(model))):  # PEFT refuses that
            expected["merged"] = bases.output(copy.deepcopy(model).merge_and_unload(), head, inputs)
    bases.loss(model, head, inputs).backward()
    gradients = {name: p.grad.clone() for name, p in trained.items() if p.grad is not None}
    optimizers.by_name[optimizer](model, **adamw).step()
    expected |= {f"gradient/{name}": gradient for name, gradient in gradients.items()}
    expected |= {f"updated/{name}": trained[name].detach() for name in gradients}
    save_file({plain(name): t.contiguous() for name, t in expected.items()}, f"{folder}/expected.safetensors")
    return load(base, head, folder, inputs, f"{folder}/own.safetensors")


def adapted(model: torch.nn.Module) -> list[torch.nn.Module]:
    return [module for module in model.modules() if hasattr(module, "base_layer") and hasattr(module.base_layer, "bias")]


def randomised(name: str, parameter: torch.Tensor) -> torch.Tensor:
    noise = torch.randn_like(parameter)
    if "lora_magnitude_vector" in name:
        return parameter * (1 + 0.2 * noise)
    if "lora_A" in name or "lora_B" in name or "lora_embedding" in name:
        return noise * 0.2  # an update of about the size of the weights it is added to
    return parameter + 0.1 * noise


def plain(name: str) -> str:
    """A parameter's name as its file has it: without PEFT's prefix and the adapter's name."""
    name = name.replace("base_model.model.", "", 1).replace(".modules_to_save.default.", ".").replace(".default", "")
    return name.removesuffix(".weight") if name.endswith("lora_magnitude_vector.weight") else name


def store_as(path: str, dtype: torch.dtype) -> None:
    save_file({name: t.to(dtype) for name, t in load_file(path).items()}, path, metadata={"format": "pt"})


def load(base: str, head: str, folder: str, inputs: dict, out: str) -> list[str]:
    """Writes what PEFT gives with the adapter in `folder`; returns all that was warned of."""
    said: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as caught, torch.no_grad():
            warnings.simplefilter("always")
            model = PeftModel.from_pretrained(copy.deepcopy(bases.held(base, head)), folder).eval()
            save_file({"output": bases.output(model, head, inputs).contiguous()}, out)
    finally:
        logging.getLogger().removeHandler(handler)
    return said + [str(warning.message) for warning in caught]
