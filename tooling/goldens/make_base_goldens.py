"""Two tiny random Llamas with their logits and losses, computed by transformers.

Writes data/llama-untied and data/llama-tied, each an ordinary Hugging Face folder plus
expected.json (input_ids, loss_per_sequence) and expected.safetensors (logits `[2, 11, 96]`).
"""
import json

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from golden import DATA, IDS, VOCAB, be_deterministic, logits_of, loss_per_sequence, write_json, write_tensors

COMMON = dict(
    vocab_size=VOCAB, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=64, rms_norm_eps=1e-5, attention_bias=False, mlp_bias=False,
    bos_token_id=0, eos_token_id=0, pad_token_id=None, initializer_range=0.15,
)
MODELS = {
    "llama-untied": dict(num_key_value_heads=2, tie_word_embeddings=False, rope_theta=10000.0),
    "llama-tied": dict(num_key_value_heads=1, tie_word_embeddings=True, rope_theta=500000.0),
}


def random_llama(seed: int, own: dict) -> LlamaForCausalLM:
    """Norm weights are random too: a reader that drops them must fail."""
    torch.manual_seed(seed)
    rope = {"rope_type": "default", "rope_theta": own["rope_theta"]}
    config = LlamaConfig(**COMMON, **{k: v for k, v in own.items() if k != "rope_theta"},
                         rope_parameters=rope, attn_implementation="eager")
    model = LlamaForCausalLM(config).float().eval()
    for name, p in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(p, 0.5, 1.5)
    return model


def use_hub_spelling(path) -> None:
    """transformers 4 spelling of the two renamed keys, as most configs on the hub have it."""
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    write_json(path, dict(sorted(config.items())))


def main() -> None:
    be_deterministic()
    for seed, (name, own) in enumerate(MODELS.items(), start=1):
        folder = DATA / name
        random_llama(seed, own).save_pretrained(folder)
        if name == "llama-untied":  # llama-tied keeps the transformers 5 spelling: a reader must know both
            use_hub_spelling(folder / "config.json")
        model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        assert model.config.rope_parameters["rope_theta"] == own["rope_theta"]
        logits = logits_of(model)
        losses = loss_per_sequence(logits)
        assert abs(model(input_ids=IDS, labels=IDS).loss.item() - sum(losses) / 2) < 1e-5
        write_tensors(folder / "expected.safetensors", {"logits": logits})
        write_json(folder / "expected.json", {"input_ids": IDS.tolist(), "loss_per_sequence": losses})
        print(name, "loss", losses, "logit std", logits.std().item())


if __name__ == "__main__":
    main()
