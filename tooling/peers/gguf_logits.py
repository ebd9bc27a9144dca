"""Writes the logits that transformers gives a GGUF file, dequantised: `python gguf_logits.py <gguf> <ids as JSON> <out>`,
a safetensors file with `logits`, [seq, vocab]."""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

path, ids, out = sys.argv[1:]
folder, name = Path(path).parent, Path(path).name
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32, attn_implementation="eager")
with torch.no_grad():
    logits = model.eval()(torch.tensor([json.loads(ids)])).logits[0]
save_file({"logits": logits.float().contiguous()}, out)
json.dump(list(logits.shape), sys.stdout)
