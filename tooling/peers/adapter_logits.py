"""Prints the logits that a peer gives a base with an adapter, as JSON: `python adapter_logits.py mlx|peft <base> <adapter>
<ids as JSON>`."""
import json
import sys

peer, base, adapter, ids = sys.argv[1:]
ids = json.loads(ids)

if peer == "mlx":
    import mlx.core as mx
    from mlx_lm.tuner.utils import load_adapters
    from mlx_lm.utils import load_model
    from pathlib import Path

    model, _ = load_model(Path(base))
    model.set_dtype(mx.float32)
    load_adapters(model, adapter).eval()
    logits = model(mx.array(ids)).tolist()
else:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        logits = PeftModel.from_pretrained(model, adapter).eval()(torch.tensor(ids)).logits.tolist()
json.dump(logits, sys.stdout)
