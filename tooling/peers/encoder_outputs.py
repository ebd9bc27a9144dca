"""Prints what PEFT gives a BERT with an adapter, as JSON: `python encoder_outputs.py encoder|classifier <base> <adapter>
<ids as JSON>`. An encoder gives its last states, a classifier its logits; the base may lack the head."""
import json
import sys
import warnings

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModel, AutoModelForSequenceClassification

kind, base, adapter, ids = sys.argv[1:]
options = {"dtype": torch.float32, "attn_implementation": "eager"}
if kind == "encoder":
    model = AutoModel.from_pretrained(base, **options)
else:
    with open(f"{adapter}/classes.json", encoding="utf-8") as file:
        labels = {int(index): name for index, name in json.load(file)["id2label"].items()}
    model = AutoModelForSequenceClassification.from_pretrained(base, **options, id2label=labels)
assert PeftConfig.from_pretrained(adapter).task_type == {"encoder": "FEATURE_EXTRACTION", "classifier": "SEQ_CLS"}[kind]
with warnings.catch_warnings(record=True) as caught, torch.no_grad():
    warnings.simplefilter("always")
    given = PeftModel.from_pretrained(model, adapter).eval()(torch.tensor(json.loads(ids)))
missing = [str(warning.message) for warning in caught if "missing" in str(warning.message)]
assert not missing, missing
json.dump((given.last_hidden_state if kind == "encoder" else given.logits).tolist(), sys.stdout)
