"""Adapters of every kind by the real peft, with their logits and one AdamW step.

Writes data/peft-kinds/<base>/<case>: both files of save_pretrained, and expected.safetensors with `logits`,
`gradients/<name>` of the mean loss and `final/<name>` after one step, under the names of adapter_model.safetensors.
"""
import copy
import json
import shutil

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import (
    BertForSequenceClassification, GPT2LMHeadModel, LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM,
)

import families
from golden import DATA, IDS, be_deterministic, write_json, write_tensors
from make_bert_goldens import inputs

OUT = DATA / "peft-kinds"
ADAMW = dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
LABELS = torch.tensor([2, 0, 1])
QUERY = dict(target_modules=["query"])
BASES = {
    "bert-classifier": (BertForSequenceClassification, "SEQ_CLS", lambda: dict(**inputs(2), labels=LABELS)),
    "llama-untied": (LlamaForCausalLM, "CAUSAL_LM", lambda: dict(input_ids=IDS, labels=IDS)),
    "llama-tied": (LlamaForCausalLM, "CAUSAL_LM", lambda: dict(input_ids=IDS, labels=IDS)),
    "gpt2": (GPT2LMHeadModel, "CAUSAL_LM", lambda: dict(input_ids=families.IDS, labels=families.IDS)),
    "qwen2-window": (Qwen2ForCausalLM, "CAUSAL_LM", lambda: dict(input_ids=families.IDS, labels=families.IDS)),
    "mistral-window": (MistralForCausalLM, "CAUSAL_LM", lambda: dict(input_ids=families.IDS, labels=families.IDS)),
}
CASES = {
    "bert-classifier": {
        "head": QUERY,
        "bias-all": dict(target_modules=["query"], bias="all"),
        "bias-lora-only": dict(target_modules=["query", "output.dense"], bias="lora_only", use_rslora=True),
        "lora-bias": dict(target_modules=["query", "output.dense"], lora_bias=True),
        "dora": dict(target_modules=["query", "output.dense"], use_dora=True, lora_alpha=5),
        "dora-bias": dict(target_modules=["query"], use_dora=True, bias="lora_only"),
        "whole": dict(target_modules=["value"], modules_to_save=["word_embeddings", "attention.output.LayerNorm"]),
        "embedding": dict(target_modules=["word_embeddings", "position_embeddings"]),
        "bias-all-whole": dict(target_modules=["query"], bias="all", modules_to_save=["attention.output.LayerNorm"]),
        "layers": dict(target_modules=["query"], layers_to_transform=1, layers_pattern="layer"),
    },
    "llama-untied": {
        "dora": dict(target_modules=["q_proj", "down_proj"], use_dora=True, use_rslora=True),
        "whole": dict(target_modules=["v_proj"], modules_to_save=["model.norm", "lm_head"]),
        "embedding": dict(target_modules=["embed_tokens", "v_proj"], lora_alpha=3),
        "tokens": dict(target_modules=["v_proj"], trainable_token_indices=IDS[0, :3].tolist()),
    },
    "llama-tied": {
        "embedding": dict(target_modules=["embed_tokens", "v_proj"], lora_alpha=3),
        "embedding-dora": dict(target_modules=["embed_tokens"], use_dora=True),
        "tokens": dict(target_modules=["v_proj"], trainable_token_indices={"embed_tokens": IDS[1, :2].tolist() + [95]}),
    },
    "gpt2": {
        "conv1d": dict(target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True, lora_alpha=5),
        "conv1d-bias": dict(target_modules=["c_attn"], fan_in_fan_out=True, bias="lora_only", lora_bias=True),
        "conv1d-dora": dict(target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True, use_dora=True),
        "conv1d-whole": dict(target_modules=["c_attn"], fan_in_fan_out=True, modules_to_save=["mlp.c_fc", "ln_1"]),
        "embedding": dict(target_modules=["wte", "c_attn"], fan_in_fan_out=True),
    },
    "qwen2-window": {
        "bias-all": dict(target_modules=["v_proj"], bias="all"),
        "bias-lora-only": dict(target_modules=["q_proj", "k_proj", "o_proj"], bias="lora_only", use_rslora=True),
        "dora": dict(target_modules=["k_proj", "gate_proj"], use_dora=True, lora_alpha=5),
        "lora-bias": dict(target_modules=["q_proj", "v_proj"], lora_bias=True),
        "tokens": dict(target_modules=["v_proj"], trainable_token_indices=families.IDS[0, :3].tolist()),
        "whole": dict(target_modules=["q_proj"], modules_to_save=["k_proj", "lm_head"]),
    },
    "mistral-window": {
        "dora": dict(target_modules=["q_proj", "o_proj"], use_dora=True, use_rslora=True),
        "embedding": dict(target_modules=["embed_tokens", "k_proj"], lora_alpha=3),
        "layers": dict(target_modules=["q_proj", "up_proj"], layers_to_transform=1),
        "patterns": dict(target_modules=["v_proj", "down_proj"], rank_pattern={"down_proj": 3},
                         alpha_pattern={"layers.0.self_attn.v_proj": 5}),
        "whole": dict(target_modules=["v_proj"], modules_to_save=["post_attention_layernorm", "mlp.up_proj"]),
    },
}
FOLDERS = {base: f"families/{base}" for base in ("gpt2", "mistral-window", "qwen2-window")}
# Adapters of a whole task bring its head along; without a task there is none.
WITHOUT_TASK = {"bias-all", "bias-lora-only", "lora-bias", "layers", "embedding"}


def adapted(base: str, case: str, options: dict):
    kind, task, _ = BASES[base]
    model = kind.from_pretrained(FOLDERS.get(base, base), dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(51)
    task = None if case in WITHOUT_TASK else task
    model = get_peft_model(model, LoraConfig(r=2, task_type=task, **copy.deepcopy(options)))
    for name, p in model.named_parameters():
        if p.requires_grad and "lora_magnitude" not in name:  # what is copied of the base moves too
            p.data += 0.1 * torch.randn_like(p)
        elif p.requires_grad:
            p.data *= 1 + 0.1 * torch.randn_like(p)
    return model.eval()


def named(model, values=lambda p: p):
    """The trained tensors under the names of the file, by way of what each parameter's own value is called there."""
    saved = get_peft_model_state_dict(model)
    places = {t.data_ptr(): name for name, t in saved.items()}
    trained = {places[p.data_ptr()]: values(p) for _, p in model.named_parameters() if p.requires_grad}
    assert trained, saved.keys()
    return trained


def make(base: str, case: str, options: dict) -> None:
    folder = OUT / base / case
    model = adapted(base, case, options)
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    config = json.loads((folder / "adapter_config.json").read_text())
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()  # peft keeps a set: its order is arbitrary
    write_json(folder / "adapter_config.json", config)
    batch = BASES[base][2]()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], **ADAMW)
    output = model(**batch)
    output.loss.backward()
    gradients = named(model, lambda p: p.grad)
    optimizer.step()
    final = named(model)
    write_tensors(folder / "expected.safetensors", {
        "logits": output.logits, "loss": output.loss.reshape(1),
        **{f"gradients/{name}": t for name, t in gradients.items() if t is not None},
        **{f"final/{name}": t for name, t in final.items()},
    })
    print(base, case, output.loss.item(), sorted(set(final) - set(gradients)), len(final))


if __name__ == "__main__":
    be_deterministic()
    import os
    os.chdir(DATA)  # PEFT writes down the path of the base
    shutil.rmtree(OUT, ignore_errors=True)
    for base, cases in CASES.items():
        for case, options in cases.items():
            make(base, case, options)
