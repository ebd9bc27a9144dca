"""What PEFT's RankAllocator (AdaLoRA) makes of given factors and gradients: data/rank-allocator."""
import json

import torch
from peft import AdaLoraConfig, get_peft_model

from golden import DATA, be_deterministic

OUT = DATA / "rank-allocator" / "steps.json"
FROM, TO, RANK, TARGET = 6, 5, 4, 2
STEPS, TINIT, TFINAL, DELTA_T = 18, 5, 4, 2


def drawn(shape, generator) -> torch.Tensor:
    """Two decimals, so that the file holds the very numbers."""
    return (torch.randn(shape, generator=generator) * 100).round() / 100


def main() -> None:
    generator = torch.Generator().manual_seed(7)
    base = torch.nn.ModuleDict({name: torch.nn.Linear(FROM, TO) for name in ("first", "second")})
    config = AdaLoraConfig(
        target_modules=["first", "second"], init_r=RANK, target_r=TARGET, total_step=STEPS, tinit=TINIT, tfinal=TFINAL,
        deltaT=DELTA_T)
    model = get_peft_model(base, config)
    allocator = model.base_model.rankallocator
    steps = []
    for step in range(1, STEPS - TFINAL + 1):
        given = {}
        for name, value in model.base_model.model.named_parameters():
            if "lora_E" in name:
                value.grad = torch.zeros_like(value)  # a score of 0: ours has no singular values
            elif "lora_A" in name or "lora_B" in name:
                value.data = drawn(value.shape, generator)
                value.grad = drawn(value.shape, generator)
                given[name] = value
        force = step == STEPS - TFINAL
        budget, masks = allocator.update_and_allocate(model.base_model.model, step, force_mask=force)
        steps.append({
            "budget": budget,
            "factors": {short(n): {"weight": p.tolist(), "gradient": p.grad.tolist()} for n, p in given.items()},
            "sensitivity": {short(n): allocator.exp_avg_ipt[n].tolist() for n in given},
            "uncertainty": {short(n): allocator.exp_avg_unc[n].tolist() for n in given},
            "kept": masks and {short(n): mask for n, mask in masks.items()},
        })
    golden = {
        "rank": RANK, "targetRank": TARGET, "steps": STEPS, "tinit": TINIT, "tfinal": TFINAL, "deltaT": DELTA_T,
        "updates": steps}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(golden) + "\n")
    print([(one["budget"], one["kept"] and {n: sum(k) for n, k in one["kept"].items()}) for one in steps])


def short(name: str) -> str:
    """first.lora_A"""
    return ".".join(part for part in name.split(".") if part not in ("base_model", "model", "default"))


if __name__ == "__main__":
    be_deterministic()
    main()
