"""Prints what PEFT gives a base with several adapters at once, each with its weight, and with one that stands for them:
`python combined_logits.py <base> <combined> <ids as JSON> <[[adapter, weight], …] as JSON>`."""
import json
import sys

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import AutoModelForCausalLM

base, combined, ids, adapters = sys.argv[1:]
ids = torch.tensor(json.loads(ids))


def load():
    return AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")


@torch.no_grad()
def logits_of(model):
    return model.eval()(ids).logits.tolist()


model = None
names = []
for at, (folder, weight) in enumerate(json.loads(adapters)):
    names.append(f"adapter{at}")
    if model is None:
        model = PeftModel.from_pretrained(load(), folder, adapter_name=names[-1])
    else:
        model.load_adapter(folder, names[-1])
    for module in model.modules():
        if isinstance(module, LoraLayer) and names[-1] in module.scaling:
            module.scaling[names[-1]] *= weight
model.base_model.set_adapter(names)
together = logits_of(model)
json.dump({"together": together, "combined": logits_of(PeftModel.from_pretrained(load(), combined))}, sys.stdout)
