"""Small random models of every family that lowrank loads, and of every option that it honours, as plain data.

`CASES` goes from a name to what a case is; `random_model` makes its model. make_family_goldens.py keeps some as goldens;
live comparisons can take any, with other seeds.
"""
from dataclasses import dataclass, field

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

VOCAB = 32
SEQ = 20
IDS = torch.randint(0, VOCAB, (2, SEQ), generator=torch.Generator().manual_seed(3))

LLAMA = dict(
    vocab_size=VOCAB, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False,
    bos_token_id=1, eos_token_id=2, pad_token_id=None, initializer_range=0.25,
)
GPT2 = dict(
    vocab_size=VOCAB, n_embd=16, n_layer=2, n_head=4, n_positions=24, bos_token_id=1, eos_token_id=2,
    initializer_range=0.25, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
)
BASES = {"llama": LLAMA, "qwen2": LLAMA, "mistral": LLAMA | {"sliding_window": None}, "gpt2": GPT2}


@dataclass
class Case:
    model_type: str
    """Options of the config beside those that every case of the family has."""
    options: dict = field(default_factory=dict)
    """Write the config as transformers 4 does: `rope_theta`, `rope_scaling`, `torch_dtype`, and no `layer_types`."""
    hub_spelling: bool = False
    """Write the weights as GPT-2's own files are: no `transformer.` before their names, and the masks as buffers."""
    bare_names: bool = False
    """Kept in data/families; the others are near relatives, for live comparisons."""
    kept: bool = True


def rope(kind: str, theta: float = 10000.0, **options) -> dict:
    return {"head_dim": 8, "rope_parameters": {"rope_type": kind, "rope_theta": theta, **options}}


YARN = dict(theta=100.0, factor=4.0, original_max_position_embeddings=16, beta_fast=4.0, beta_slow=0.5)

CASES = {
    "llama-gqa": Case("llama", {"rms_norm_eps": 0.01}),
    "llama-mqa-tied": Case("llama", {"num_key_value_heads": 1, "tie_word_embeddings": True}, hub_spelling=True),
    "llama-mha": Case("llama", {"num_key_value_heads": 4} | rope("default", 500.0)),
    "llama-biases": Case("llama", {"attention_bias": True, "mlp_bias": True, "head_dim": 8}),
    "llama-linear": Case("llama", rope("linear", factor=3.0), hub_spelling=True),
    "llama-dynamic": Case("llama", rope("dynamic", factor=2.5) | {"max_position_embeddings": 12}),
    "llama-llama3": Case("llama", rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                       original_max_position_embeddings=64) | {"max_position_embeddings": 512}),
    "llama-yarn": Case("llama", rope("yarn", **YARN)),
    "llama-yarn-mscale": Case("llama", rope("yarn", **YARN, mscale=1.2, mscale_all_dim=0.6, truncate=False)),
    "llama-yarn-factor": Case("llama", rope("yarn", **YARN, attention_factor=0.7), hub_spelling=True),
    "qwen2": Case("qwen2", {"rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0}}, hub_spelling=True),
    "qwen2-tied": Case("qwen2", {"tie_word_embeddings": True, "num_key_value_heads": 1}),
    "qwen2-window": Case("qwen2", {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1},
                         hub_spelling=True),
    "qwen2-layer-types": Case("qwen2", {"use_sliding_window": True, "sliding_window": 3, "num_hidden_layers": 3,
                                        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}),
    "qwen2-window-off": Case("qwen2", {"use_sliding_window": False, "sliding_window": 5, "max_window_layers": 0},
                             kept=False),
    "qwen2-yarn": Case("qwen2", rope("yarn", **YARN) | {"head_dim": 4}, hub_spelling=True),
    "mistral": Case("mistral", {"head_dim": 8}, hub_spelling=True),
    "mistral-window": Case("mistral", {"sliding_window": 6}),
    "mistral-window-1": Case("mistral", {"sliding_window": 1, "num_key_value_heads": 1}),
    "mistral-wide-window": Case("mistral", {"sliding_window": 40, "tie_word_embeddings": True}, kept=False),
    "mistral-llama3": Case("mistral", rope("llama3", 500.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=2.0,
                                           original_max_position_embeddings=32) | {"sliding_window": 11}),
    "gpt2": Case("gpt2"),
    "gpt2-bare": Case("gpt2", bare_names=True),
    "gpt2-untied": Case("gpt2", {"tie_word_embeddings": False, "n_inner": 20, "layer_norm_epsilon": 0.01}),
    "gpt2-scales": Case("gpt2", {"scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True}),
    "gpt2-upcast": Case("gpt2", {"scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True}),
    **{f"gpt2-{name}": Case("gpt2", {"activation_function": name}, kept=name in ("gelu", "relu", "silu"))
       for name in ("gelu", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "silu", "swish", "tanh")},
}


def config_of(case: Case):
    return AutoConfig.for_model(case.model_type, **(BASES[case.model_type] | case.options))


def random_model(case: Case, seed: int) -> PreTrainedModel:
    """Norm weights and all biases are random too: a reader that drops them must fail. Weights fit into bfloat16."""
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config_of(case), attn_implementation="eager").float().eval()
    for name, p in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(p, 0, 0.2)
        elif "norm" in name or ".ln_" in name:
            torch.nn.init.uniform_(p, 0.5, 1.5)
        p.data.copy_(p.data.bfloat16().float())
    return model
