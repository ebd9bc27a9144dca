"""One step's loss and gradients of an adapter that peft put on a small random model of each family.

Writes data/families-training/<case of families.py>: adapter_config.json, initial.safetensors (random A and B) and
gradients.safetensors under peft's names, and training.json with the loss over data/families/ids.json.
"""
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM
from transformers.utils import logging

from families import IDS
from golden import DATA, be_deterministic, write_json, write_tensors
from make_peft_goldens import write_adapter

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TARGETS = {
    "gpt2": ["c_attn", "c_proj", "c_fc"],
    "gpt2-scales": ["c_attn", "c_proj", "c_fc"],
    "llama-yarn": LINEARS,
    "mistral-window": LINEARS,
    "qwen2-window": LINEARS,
}


def make(name: str, seed: int) -> None:
    base = AutoModelForCausalLM.from_pretrained(
        DATA / "families" / name, dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(seed)
    model = get_peft_model(base, LoraConfig(
        task_type="CAUSAL_LM", r=2, lora_alpha=6, lora_dropout=0.0, init_lora_weights=False,
        target_modules=TARGETS[name], fan_in_fan_out=name.startswith("gpt2"))).train()
    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    for p in trained.values():
        torch.nn.init.normal_(p, std=0.2)
    folder = DATA / "families-training" / name
    write_adapter(folder, model, name)
    (folder / "adapter_model.safetensors").unlink()
    write_tensors(folder / "initial.safetensors", get_peft_model_state_dict(model))
    loss = model(input_ids=IDS, labels=IDS).loss
    loss.backward()
    gradients = {n.replace(".default", ""): p.grad for n, p in trained.items()}
    write_tensors(folder / "gradients.safetensors", gradients)
    write_json(folder / "training.json", {"loss": loss.item()})
    print(f"{name:20} loss {loss.item():.4f}, largest gradient {max(g.abs().max().item() for g in gradients.values()):.3f}")


if __name__ == "__main__":
    be_deterministic()
    logging.disable_progress_bar()
    for seed, name in enumerate(TARGETS, start=200):
        make(name, seed)
