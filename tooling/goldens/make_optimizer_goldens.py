"""What PEFT's own optimisers do to an adapter on llama-untied in three steps: data/peft-optimizers."""
import shutil

import torch
from peft import LoraConfig, get_peft_model
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer, lorafa
from transformers import LlamaForCausalLM

from golden import DATA, IDS, be_deterministic, write_json
from make_peft_goldens import STEPS, write_adapter

OUT = DATA / "peft-optimizers"
LR = 1e-2


def lora_plus(model):
    return create_loraplus_optimizer(
        model, torch.optim.AdamW, lr=LR, loraplus_lr_ratio=4, loraplus_lr_embedding=3e-3, loraplus_weight_decay=0.1)


def lora_fa(model):
    # Each module has its own scaling; r and lora_alpha are the deprecated one for all. No decay: PEFT's, which is
    # Hugging Face's old AdamW, decays after the step, and ours as PyTorch before.
    optimizer = create_lorafa_optimizer(model, r=4, lora_alpha=6, lr=LR)
    optimizer.param_groups[0]["eps"] = 1e-8
    return optimizer


CASES = {
    "lora-plus": (lora_plus, dict(target_modules=["q_proj", "v_proj", "embed_tokens"], use_dora=True, modules_to_save=["norm"])),
    "lora-fa": (lora_fa, dict(target_modules=["q_proj", "v_proj", "down_proj"], alpha_pattern={"v_proj": 10})),
}


def make(name: str, optimizer_of, options: dict) -> None:
    base = LlamaForCausalLM.from_pretrained(DATA / "llama-untied", dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(9)
    config = LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=6, init_lora_weights=False, **options)
    model = get_peft_model(base, config).train()
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_A" in key or "lora_B" in key or "lora_embedding" in key:
                value.normal_(std=0.1)
    write_adapter(OUT / name / "initial", model)
    optimizer = optimizer_of(model)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(input_ids=IDS, labels=IDS).loss
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    write_adapter(OUT / name / "final", model)
    write_json(OUT / name / "training.json", {"lr": LR, "steps": STEPS, "losses": losses})
    print(name, losses, [(len(g["params"]), g["lr"], g["weight_decay"]) for g in optimizer.param_groups])


if __name__ == "__main__":
    be_deterministic()
    lorafa.is_bf16_available = lambda: False  # else it rounds to bfloat16
    shutil.rmtree(OUT, ignore_errors=True)
    for name, (optimizer_of, options) in CASES.items():
        make(name, optimizer_of, options)
