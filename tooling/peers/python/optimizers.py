"""The optimisers that an adapter's step is taken with."""
import torch
from peft.optimizers import create_lorafa_optimizer, create_loraplus_optimizer, lorafa

lorafa.is_bf16_available = lambda: False  # else it rounds to bfloat16


def adamw(model, **options):
    return torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], **options)


def lora_plus(model, lr, eps, weight_decay):
    return create_loraplus_optimizer(
        model, torch.optim.AdamW, lr=lr, loraplus_lr_ratio=4, loraplus_weight_decay=weight_decay, eps=eps)


def lora_fa(model, lr, eps, weight_decay):
    """PEFT's is Hugging Face's old AdamW: it decays after the step, not before as PyTorch's, so there is none here; and its
    epsilon counts before the bias of `v` is made up for."""
    config = model.peft_config["default"]
    optimizer = create_lorafa_optimizer(model, r=config.r, lora_alpha=config.lora_alpha, lr=lr)
    for group in optimizer.param_groups:
        group["eps"] = eps * (1 - group["betas"][1]) ** 0.5  # of a first step
    return optimizer


by_name = {"adamw": adamw, "lora-plus": lora_plus, "lora-fa": lora_fa}
