"""The same recipe in PEFT: `python with_peft.py runs/classify`, after main.mjs has written its task there. Prints JSON."""
import json
import math
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
settings, steps = task["settings"], len(task["batches"])


def tensors(rows):
    longest = max(len(row["ids"]) for row in rows)
    ids = torch.tensor([row["ids"] + [0] * (longest - len(row["ids"])) for row in rows])
    mask = torch.tensor([[1] * len(row["ids"]) + [0] * (longest - len(row["ids"])) for row in rows])
    return {"input_ids": ids, "attention_mask": mask}, torch.tensor([row["label"] for row in rows])


def rate(done: int) -> float:
    warm = settings["warmupSteps"]
    if done < warm:
        return (done + 1) / (warm + 1)
    return (1 + math.cos(math.pi * (done - warm) / (steps - warm))) / 2


torch.manual_seed(0)
base = AutoModelForSequenceClassification.from_pretrained(task["base"], num_labels=len(task["classNames"]))
# Dropout off, on both sides: lowrank leaves out that of the frozen base's pretraining.
model = PeftModel.from_pretrained(base, folder / "initial", is_trainable=True).eval()
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=settings["learningRate"], weight_decay=settings["weightDecay"])
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
for rows in task["batches"]:
    inputs, labels = tensors(rows)
    optimizer.zero_grad()
    model(**inputs, labels=labels).loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, settings["clipNorm"])
    optimizer.step()
    schedule.step()

loss = 0.0
confusion = torch.zeros(2, 2)
held_out = sorted(task["heldOut"], key=lambda row: len(row["ids"]))
with torch.no_grad():
    for start in range(0, len(held_out), 32):
        inputs, labels = tensors(held_out[start:start + 32])
        logits = model(**inputs).logits
        loss += torch.nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        for truth, guess in zip(labels, logits.argmax(1)):
            confusion[truth, guess] += 1
f1 = 2 * confusion.diag() / (confusion.sum(0) + confusion.sum(1))
print(json.dumps({
    "steps": steps, "accuracy": (confusion.diag().sum() / confusion.sum()).item(), "macroF1": f1.mean().item(),
    "loss": loss / len(held_out)}))
