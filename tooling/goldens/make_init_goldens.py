"""How PEFT starts factors that it computes from a weight: data/lora-init, and three AdamW steps from there on llama-untied."""
import json
import shutil
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from transformers import LlamaForCausalLM
from transformers.pytorch_utils import Conv1D

from golden import DATA, IDS, be_deterministic, logits_of, write_json, write_tensors
from make_peft_goldens import ADAMW, STEPS, write_adapter

OUT = DATA / "lora-init"
SHAPES = {"tall": (9, 14), "wide": (14, 9)}  # [in, out]
CASES = [
    *[(init, shape, dict(r=3, lora_alpha=6)) for init in ("pissa", "olora", "pissa_niter_0", "pissa_niter_3") for shape in SHAPES],
    ("pissa", "tall", dict(r=4, lora_alpha=6, use_rslora=True)),
    ("pissa", "conv1d", dict(r=3, lora_alpha=3, fan_in_fan_out=True)),
]


def layer_of(shape: str) -> tuple[nn.Module, torch.Tensor]:
    """A layer, and its weight as `[in, out]`."""
    if shape == "conv1d":
        layer = Conv1D(14, 9)
        nn.init.normal_(layer.weight)
        return layer, layer.weight.detach().clone()
    inputs, outputs = SHAPES[shape]
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(layer.weight)
    return layer, layer.weight.detach().clone().T


def factors(init: str, shape: str, options: dict) -> dict:
    """PEFT's product of the factors, and the random numbers that a fast decomposition began with."""
    torch.manual_seed(3)
    layer, weight = layer_of(shape)
    drawn: list[torch.Tensor] = []
    randn = torch.randn
    torch.randn = lambda *size, **keys: drawn.append(randn(*size, **keys)) or drawn[-1]
    try:
        model = get_peft_model(nn.ModuleDict({"it": layer}), LoraConfig(target_modules=["it"], init_lora_weights=init, **options))
    finally:
        torch.randn = randn
    adapted = model.base_model.model["it"]
    a, b = adapted.lora_A["default"].weight.data.T, adapted.lora_B["default"].weight.data.T
    scaling = adapted.scaling["default"]
    left = adapted.base_layer.weight.data if shape == "conv1d" else adapted.base_layer.weight.data.T
    assert torch.allclose(left + scaling * a @ b, weight, atol=1e-5)
    return {
        "name": f"{init} {shape}" + (" rslora" if "use_rslora" in options else ""), "init": init, "shape": list(weight.shape),
        "rank": options["r"], "scaling": scaling, "weight": weight.flatten().tolist(), "product": (a @ b).flatten().tolist(),
        "start": drawn[0].flatten().tolist() if "niter" in init else [],
    }


TRAINED = {
    "pissa": dict(r=4, lora_alpha=12, target_modules=["q_proj", "v_proj", "down_proj"], rank_pattern={"v_proj": 3}),
    "olora": dict(r=3, lora_alpha=3, target_modules=["q_proj", "v_proj", "down_proj"], use_rslora=True),
}


def training(init: str, options: dict) -> None:
    """Losses of three steps, and what PEFT saves of it as plain LoRA."""
    folder = OUT / init
    base = LlamaForCausalLM.from_pretrained(DATA / "llama-untied", dtype=torch.float32, attn_implementation="eager")
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=init, **options)).train()
    trained = [p for p in model.parameters() if p.requires_grad]
    losses = []
    with tempfile.TemporaryDirectory() as start:
        model.peft_config["default"].init_lora_weights = True
        model.save_pretrained(start)
        model.peft_config["default"].init_lora_weights = init
        optimizer = torch.optim.AdamW(trained, **ADAMW)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = model(input_ids=IDS, labels=IDS).loss
            loss.backward()
            losses.append(loss.item())
            optimizer.step()
        logits = logits_of(model)
        convert(model, folder, start)
    write_tensors(folder / "expected.safetensors", {"logits": logits})
    write_json(folder / "training.json", {
        "input_ids": IDS.tolist(), "init": init, **options, **ADAMW, "steps": STEPS, "losses": losses,
        "loss_after": model(input_ids=IDS, labels=IDS).loss.item()})
    again = LlamaForCausalLM.from_pretrained(DATA / "llama-untied", dtype=torch.float32, attn_implementation="eager")
    print(init, losses, (logits_of(PeftModel.from_pretrained(again, folder)) - logits).abs().max().item())


def convert(model, folder: Path, start: str) -> None:
    save = model.save_pretrained
    model.save_pretrained = lambda out: save(out, path_initial_model_for_weight_conversion=start)
    write_adapter(folder, model)


if __name__ == "__main__":
    be_deterministic()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    lines = [json.dumps(factors(*case)) for case in CASES]
    (OUT / "factors.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")  # a line a case, not a number
    for name, options in TRAINED.items():
        training(name, options)
