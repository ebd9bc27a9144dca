"""A Llama in a GGUF file as the folder that Transformers reads, dequantised by the gguf package."""
import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

NAMES = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def convert(file: str, folder: str) -> None:
    reader = gguf.GGUFReader(file)
    field = lambda name: reader.fields[name].contents()  # noqa: E731
    heads, kv_heads = field("llama.attention.head_count"), field("llama.attention.head_count_kv")
    tensors = {}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        stem = tensor.name.removesuffix(".weight")
        if stem.startswith("blk."):
            _, layer, part = stem.split(".")
            if part in ("attn_q", "attn_k"):
                values = halved(values, heads if part == "attn_q" else kv_heads)
            name = f"model.layers.{layer}.{NAMES[part]}"
        else:
            name = TOP[stem]
        tensors[f"{name}.weight"] = np.ascontiguousarray(values)
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "torch_dtype": "float32",
        "vocab_size": tensors["model.embed_tokens.weight"].shape[0],
        "hidden_size": field("llama.embedding_length"), "intermediate_size": field("llama.feed_forward_length"),
        "num_hidden_layers": field("llama.block_count"), "num_attention_heads": heads, "num_key_value_heads": kv_heads,
        "max_position_embeddings": field("llama.context_length"), "rope_theta": field("llama.rope.freq_base"),
        "rms_norm_eps": float(np.float32(field("llama.attention.layer_norm_rms_epsilon"))),
        "tie_word_embeddings": "lm_head.weight" not in tensors,
    }
    Path(folder).mkdir(parents=True)
    save_file(tensors, f"{folder}/model.safetensors", metadata={"format": "pt"})
    Path(folder, "config.json").write_text(json.dumps(config, indent=2))


def halved(values: np.ndarray, heads: int) -> np.ndarray:
    """Rotary rows from llama.cpp's order, pairs side by side, to Hugging Face's, one half of a head after the other."""
    rows, columns = values.shape
    return values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
