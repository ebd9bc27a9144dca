"""Base models: random ones of a config, and those in a folder."""
import gc
import os

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

HEADS = {"causal": AutoModelForCausalLM, "encoder": AutoModel, "classifier": AutoModelForSequenceClassification}
_held: dict[str, torch.nn.Module] = {}


def make(folder: str, head: str, config: dict, seed: int, saved_as: str | None = None) -> None:
    """Norms and biases are random too: a reader that drops one must fail."""
    torch.manual_seed(seed)
    config = AutoConfig.for_model(**config)
    kind = getattr(transformers, saved_as)._from_config if saved_as else HEADS[head].from_config
    model = kind(config, attn_implementation="eager", dtype=torch.float32)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, 0, 0.2)
        elif parameter.dim() == 1:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    model.save_pretrained(folder)


def held(folder: str, head: str) -> torch.nn.Module:
    """The model in `folder`, kept; whoever changes it copies it first."""
    if folder not in _held:
        _held[folder] = load(folder, head)
    return _held[folder]


def load(folder: str, head: str) -> torch.nn.Module:
    """A GGUF file is dequantised by Transformers."""
    file = {}
    if folder.endswith(".gguf"):
        folder, file = os.path.dirname(folder), {"gguf_file": os.path.basename(folder)}
    return HEADS[head].from_pretrained(folder, **file, dtype=torch.float32, attn_implementation="eager").eval()


def outputs_of_folder(folder: str, head: str, inputs: dict, out: str, keep: bool) -> None:
    """Writes what the model of a folder gives `inputs`."""
    model = held(folder, head) if keep else load(folder, head)
    with torch.no_grad():
        save_file({"output": output(model, head, inputs).contiguous()}, out)
    del model
    gc.collect()


def output(model, head: str, inputs: dict, **more) -> torch.Tensor:
    """Logits, or an encoder's last states."""
    given = model(**named(inputs), **more)
    return given.last_hidden_state if head == "encoder" else given.logits


def named(inputs: dict) -> dict:
    """As Transformers names them."""
    names = {"ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids"}
    return {name: torch.tensor(inputs[key]) for key, name in names.items() if key in inputs}


def loss(model, head: str, inputs: dict) -> torch.Tensor:
    """Mean cross-entropy of the targets; of an encoder, its states' mean product with sin(1), sin(2), ..."""
    given = output(model, head, inputs)
    if head == "encoder":
        return (given * torch.arange(1, given.numel() + 1, dtype=torch.float64).sin().float().view(given.shape)).mean()
    targets = torch.tensor(inputs["targets"]).flatten()
    return torch.nn.functional.cross_entropy(given.flatten(0, -2), targets)
