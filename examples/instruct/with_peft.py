"""The same recipe in Transformers and PEFT: `python with_peft.py runs/instruct`, after main.mjs has been run. Prints JSON,
and ends with 1 where the held-out losses of the two are further apart than 2 %."""
import json
import math
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = Path(sys.argv[1])
task, here = (json.loads((folder / name).read_text()) for name in ("task.json", "report.json"))
settings, steps, gguf = task["settings"], len(task["batches"]), Path(task["base"])


def loss_of(model, batch):
    targets = torch.tensor(batch["targets"])
    logits = model(input_ids=torch.tensor(batch["ids"])).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()), (targets != -100).sum().item()


def held_out_loss(model):
    with torch.no_grad():
        losses = [loss_of(model, batch) for batch in task["heldOut"]]
    return sum(loss.item() * count for loss, count in losses) / sum(count for _, count in losses)


def rate(done: int) -> float:
    warm = settings["warmupSteps"]
    if done < warm:
        return (done + 1) / (warm + 1)
    return (1 + math.cos(math.pi * (done - warm) / (steps - warm))) / 2


def tokenized_alike() -> bool:
    """Whether Transformers' chat template and tokenizer give the ids that are learned from here."""
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    chats = [json.loads(line)["messages"] for line in (folder / "heldOut.jsonl").read_text().splitlines()]
    texts = [tokenizer.apply_chat_template(messages, tokenize=False) for messages in chats]
    theirs = sorted((tokenizer(text, add_special_tokens=False).input_ids[:-1] for text in texts), key=len)
    ours = [row for batch in task["heldOut"] for row in batch["ids"]]
    return all(row == ids + [0] * (len(row) - len(ids)) for row, ids in zip(ours, theirs, strict=True))


torch.manual_seed(0)
base = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
# No dropout on either side.
model = PeftModel.from_pretrained(base, folder / "initial", is_trainable=True).eval()
before = held_out_loss(model)
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=settings["learningRate"], weight_decay=settings["weightDecay"])
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
for batch in task["batches"]:
    optimizer.zero_grad()
    loss_of(model, batch)[0].backward()
    torch.nn.utils.clip_grad_norm_(trained, settings["clipNorm"])
    optimizer.step()
    schedule.step()
after = held_out_loss(model)

model.load_adapter(folder / "adapter", "here")
model.set_adapter("here")
report = {
    "tokenizedAlike": tokenized_alike(),
    "before": {"here": here["before"]["loss"], "peft": before},
    "after": {"here": here["after"]["loss"], "peft": after},
    "adapterOfHere": {"here": here["after"]["loss"], "peft": held_out_loss(model)},
}
print(json.dumps(report))
pairs = [pair for pair in report.values() if isinstance(pair, dict)]
sys.exit(not report["tokenizedAlike"] or any(abs(pair["here"] / pair["peft"] - 1) > 0.02 for pair in pairs))
