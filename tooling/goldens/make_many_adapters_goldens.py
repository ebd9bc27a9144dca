"""Several adapters on one llama-untied by the real peft: added up, scaled, merged, and one for each row of a batch.

Writes data/many-adapters/<name>, both files of save_pretrained, and data/many-adapters/expected.{json,safetensors}.
"""
import json
import os
import shutil

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaForCausalLM

from golden import DATA, IDS, be_deterministic, write_json, write_tensors

OUT = DATA / "many-adapters"
ROWS = torch.cat([IDS[:, :6], IDS[:, 5:]])
ADAPTERS = {
    "plain": dict(r=4, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"]),
    "stable": dict(r=2, lora_alpha=3, use_rslora=True, target_modules=["v_proj", "o_proj"]),
    "dora": dict(r=2, lora_alpha=4, use_dora=True, target_modules=["q_proj", "up_proj"]),
    "tables": dict(r=3, lora_alpha=2, target_modules=["embed_tokens", "k_proj"]),
}
NAMES = ["stable", "__base__", "plain", "tables"]


def model():
    base = LlamaForCausalLM.from_pretrained("llama-untied", dtype=torch.float32, attn_implementation="eager")
    torch.manual_seed(71)
    configs = {name: LoraConfig(task_type="CAUSAL_LM", **options) for name, options in ADAPTERS.items()}
    peft = get_peft_model(base, configs["plain"], adapter_name="plain")
    for name, config in list(configs.items())[1:]:
        peft.add_adapter(name, config)
    for name, p in peft.named_parameters():
        if "lora_magnitude" in name:
            p.data *= 1 + 0.1 * torch.randn_like(p)
        elif "lora_" in name:
            p.data += 0.1 * torch.randn_like(p)
    return peft.eval()


def scale(peft, name, factor):
    for module in peft.modules():
        if hasattr(module, "set_scale") and name in getattr(module, "scaling", {}):
            module.set_scale(name, factor)


@torch.no_grad()
def main():
    peft = model()
    logits = lambda **options: peft(input_ids=ROWS, **options).logits
    expected = {}
    for name in ADAPTERS:
        peft.save_pretrained(OUT, selected_adapters=[name])
        peft.set_adapter(name)
        expected[f"alone/{name}"] = logits()
    peft.base_model.set_adapter(["plain", "stable", "tables"])
    expected["sum"] = logits()
    scale(peft, "plain", 0.5)
    scale(peft, "stable", -1.5)
    expected["scaled"] = logits()
    peft.merge_adapter(adapter_names=["plain", "stable", "tables"])
    expected["merged"] = logits()
    peft.unmerge_adapter()
    peft.set_adapter("dora")
    scale(peft, "dora", 0.25)
    expected["dora-scaled"] = logits()
    for name in ["plain", "stable", "dora"]:
        scale(peft, name, 1)
    peft.set_adapter("plain")
    expected["rows"] = logits(adapter_names=NAMES)
    with peft.disable_adapter():
        expected["disabled"] = logits()
    (OUT / "README.md").unlink()
    for name in ADAPTERS:
        (OUT / name / "README.md").unlink(missing_ok=True)
        config = json.loads((OUT / name / "adapter_config.json").read_text())
        config["target_modules"].sort()  # peft keeps a set: its order is arbitrary
        write_json(OUT / name / "adapter_config.json", config)
    write_json(OUT / "expected.json", {"input_ids": ROWS.tolist(), "adapter_names": NAMES})
    write_tensors(OUT / "expected.safetensors", expected)


if __name__ == "__main__":
    be_deterministic()
    os.chdir(DATA)  # PEFT writes down the path of the base
    shutil.rmtree(OUT, ignore_errors=True)
    main()
