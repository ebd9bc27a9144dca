"""Adapters written by the real peft on data/llama-untied, and three AdamW steps taken with it.

Writes data/peft-adapter, data/peft-adapter-rslora (files of save_pretrained + expected.*) and
data/peft-training (initial, gradients, final: one tensor per A and B under its peft name).
"""
import copy
import json

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import LlamaForCausalLM

from golden import DATA, IDS, be_deterministic, logits_of, loss_per_sequence, write_json, write_tensors

TARGETS = ["q_proj", "v_proj", "down_proj"]
PLAIN = dict(r=4, lora_alpha=12, target_modules=TARGETS)
RSLORA = dict(r=4, lora_alpha=6, target_modules=TARGETS, use_rslora=True,
              rank_pattern={"layers.1.self_attn.q_proj": 8, "v_proj": 2},
              alpha_pattern={"layers.0.mlp.down_proj": 10})
ADAMW = dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
STEPS = 3


def adapted(seed: int, options: dict):
    """A fresh base with an adapter whose A and B are both random (init_lora_weights=False)."""
    base = LlamaForCausalLM.from_pretrained(DATA / "llama-untied", dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(seed)
    config = LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, init_lora_weights=False, **copy.deepcopy(options))
    model = get_peft_model(base, config)
    for name, p in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(p, std=0.1)
    config.base_model_name_or_path = "llama-untied"
    return model


def write_adapter(folder, model, base: str = "llama-untied") -> None:
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = base
    config["target_modules"] = sorted(config["target_modules"])  # peft keeps a set: its order is arbitrary
    write_json(folder / "adapter_config.json", config)


def make_adapter(name: str, seed: int, options: dict) -> None:
    folder = DATA / name
    model = adapted(seed, options)
    write_adapter(folder, model)
    logits = logits_of(model)
    with model.disable_adapter():
        moved = (logits - logits_of(model)).abs().max().item()
    merged = logits_of(model.merge_and_unload())
    write_tensors(folder / "expected.safetensors", {"logits": logits, "merged_logits": merged})
    write_json(folder / "expected.json", {"input_ids": IDS.tolist(), "loss_per_sequence": loss_per_sequence(logits)})
    print(name, "moved by", moved, "merge differs by", (logits - merged).abs().max().item())


def make_training() -> None:
    folder = DATA / "peft-training"
    model = adapted(7, PLAIN).train()
    write_adapter(folder, model)  # the initial adapter, as a whole peft folder
    named = lambda: get_peft_model_state_dict(model)
    write_tensors(folder / "initial.safetensors", named())
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    assert all("lora_" in n for n in trained)
    optimizer = torch.optim.AdamW(trained.values(), **ADAMW)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = model(input_ids=IDS, labels=IDS).loss
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            gradients = {n.replace(".default", ""): p.grad for n, p in trained.items()}
            assert gradients.keys() == named().keys()
            write_tensors(folder / "gradients.safetensors", gradients)
        optimizer.step()
    write_tensors(folder / "final.safetensors", named())
    losses_after = model(input_ids=IDS, labels=IDS).loss.item()
    (folder / "adapter_model.safetensors").unlink()
    write_json(folder / "training.json", {
        "input_ids": IDS.tolist(), "optimizer": "AdamW", **ADAMW, "steps": STEPS,
        "loss": "mean next-token cross-entropy over both sequences, taken before each step",
        "losses": losses, "loss_after": losses_after})
    print("peft-training", losses, losses_after)


if __name__ == "__main__":
    be_deterministic()
    make_adapter("peft-adapter", 5, PLAIN)
    make_adapter("peft-adapter-rslora", 6, RSLORA)
    make_training()
