"""Three AdamW steps of PEFT's LoRA for SEQ_CLS on data/bert, whose head is fresh.

Writes data/classifier-training: adapter_config.json, initial.safetensors and final.safetensors (factors and classifier,
under peft's names) and training.json with labels, losses and the optimiser's settings. Inputs are those of data/bert.
"""
import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import BertForSequenceClassification
from transformers.utils import logging

from golden import DATA, be_deterministic, write_json, write_tensors
from make_bert_goldens import inputs
from make_peft_goldens import write_adapter

NAMES = ["calm", "glad", "sad"]
LABELS = [2, 0, 1]
STEPS, RATE, DECAY = 3, 0.01, 0.1


def main() -> None:
    be_deterministic()
    logging.disable_progress_bar()
    torch.manual_seed(31)
    base = BertForSequenceClassification.from_pretrained(
        DATA / "bert", id2label=dict(enumerate(NAMES)), attn_implementation="eager", dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(
        task_type="SEQ_CLS", r=2, lora_alpha=6, lora_dropout=0.0, init_lora_weights=False,
        target_modules=["query", "value"]))
    # Dropout of the base's pretraining is off, as it is in lowrank.
    model.eval()
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    for p in trained.values():
        torch.nn.init.normal_(p, std=0.2)
    folder = DATA / "classifier-training"
    write_adapter(folder, model, "bert")
    (folder / "adapter_model.safetensors").unlink()
    write_tensors(folder / "initial.safetensors", get_peft_model_state_dict(model))
    optimizer = torch.optim.AdamW(trained.values(), lr=RATE, weight_decay=DECAY)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**inputs(2), labels=torch.tensor(LABELS)).loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    write_tensors(folder / "final.safetensors", get_peft_model_state_dict(model))
    write_json(folder / "training.json", {
        "classNames": NAMES, "labels": LABELS, "steps": STEPS, "learningRate": RATE, "weightDecay": DECAY,
        "losses": losses})
    print(losses)


if __name__ == "__main__":
    main()
