"""Adapters whose factors PEFT computes to start with."""
import copy
import tempfile

import torch
from peft import LoraConfig, get_peft_model, initialize_lora_eva_weights
from safetensors.torch import save_file

import bases


def make(base: str, head: str, folder: str, config: dict, seed: int, inputs: dict, adamw: dict) -> None:
    """Starts an adapter, moves it by a step and saves it as plain LoRA on the plain base; what PEFT makes of it is in
    expected.safetensors beside it."""
    torch.manual_seed(seed)
    init = config["init_lora_weights"]
    model = get_peft_model(copy.deepcopy(bases.held(base, head)), LoraConfig(**config)).eval()
    if init == "eva":
        initialize_lora_eva_weights(model, [bases.named(inputs)], show_progress_bar=False)
    shifts = init.startswith(("pissa", "olora"))
    with tempfile.TemporaryDirectory() as start:
        said = model.peft_config["default"]
        said.init_lora_weights = True
        model.save_pretrained(start)
        said.init_lora_weights = init
        bases.loss(model, head, inputs).backward()
        torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], **adamw).step()
        model.save_pretrained(folder, **({"path_initial_model_for_weight_conversion": start} if shifts else {}))
    with torch.no_grad():
        save_file({"output": bases.output(model, head, inputs).contiguous()}, f"{folder}/expected.safetensors")
