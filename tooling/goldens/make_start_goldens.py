"""How PEFT starts factors from what packing took from a weight (LoftQ) and from what layers are given (EVA):
data/lora-start. Needs bitsandbytes, which packs on the CPU too."""
import json

import torch
from peft import EvaConfig, LoraConfig
from peft.tuners.lora import eva
from peft.utils import loftq_utils
from peft.utils.incremental_pca import IncrementalPCA
from transformers import LlamaForCausalLM

from golden import DATA, IDS, be_deterministic, write_json, write_tensors

OUT = DATA / "lora-start"
INPUTS, OUTPUTS, RANK, ROUNDS = 128, 20, 3, (1, 2, 5)


def loftq() -> None:
    """One round's product of the factors, and how much of the weight is missing after some rounds."""
    torch.manual_seed(5)
    weight = torch.randn(OUTPUTS, INPUTS)
    made = {rounds: loftq_utils.loftq_init(weight, 4, RANK, rounds) for rounds in ROUNDS}
    packed, a, b = made[1]
    value = {
        "shape": [INPUTS, OUTPUTS], "rank": RANK, "weight": plain(weight.T), "packed": plain(packed.T), "product": plain((b @ a).T),
        "missing": {rounds: ((weight - q - b @ a).norm() / weight.norm()).item() for rounds, (q, a, b) in made.items()},
        "missing_without": ((weight - packed).norm() / weight.norm()).item(),
    }
    OUT.mkdir(exist_ok=True)
    (OUT / "loftq.json").write_text(json.dumps(value) + "\n")
    print(value["missing_without"], value["missing"])


def plain(tensor: torch.Tensor) -> list[float]:
    """With as many digits as float32 has."""
    return [float(f"{value:.9g}") for value in tensor.flatten().tolist()]


def on_cpu() -> None:
    """PEFT asks for a graphics card, which nothing here needs."""
    to = torch.Tensor.to

    def here(value):
        return "cpu" if isinstance(value, (str, torch.device)) and str(value) == "cuda" else value

    torch.Tensor.to = lambda self, *args, **keys: to(self, *map(here, args), **{key: here(value) for key, value in keys.items()})


def started_with_eva() -> None:
    """Directions, shares of the variance and ranks, of one batch. PEFT decomposes by a random projection; here in full."""
    hooks = {}

    class Recorded(eva.SVDHook):
        def __init__(self, **keys):
            super().__init__(**keys)
            self.svd = IncrementalPCA(n_components=keys["n_components"], copy=True, lowrank=False)
            hooks[keys["name"]] = self

    eva.SVDHook = Recorded
    base = LlamaForCausalLM.from_pretrained(DATA / "llama-untied", dtype=torch.float32, attn_implementation="eager")
    targets = ["q_proj", "k_proj", "o_proj", "gate_proj", "down_proj"]
    rank, rho = 4, 2.0
    config = LoraConfig(r=rank, lora_alpha=8, target_modules=targets, init_lora_weights="eva", eva_config=EvaConfig(rho=rho))
    directions = eva.get_eva_state_dict(base, [{"input_ids": IDS}], config, show_progress_bar=False)
    write_tensors(OUT / "eva.safetensors", {f"directions/{path}": value for path, value in directions.items() if len(value)}
                  | {f"shares/{path}": hook.svd.explained_variance_ratio_.float() for path, hook in hooks.items()})
    write_json(OUT / "eva.json", {
        "input_ids": IDS.tolist(), "rank": rank, "rho": rho, "targets": targets,
        "ranks": {path: len(value) for path, value in directions.items()}})
    print({path: len(value) for path, value in directions.items()})


if __name__ == "__main__":
    be_deterministic()
    on_cpu()
    loftq()
    started_with_eva()
