"""Writes a Llama folder as a GGUF base in F32, for llama.cpp: `python write_gguf_base.py <folder> <file>`. Rows of queries
and keys are reordered as llama.cpp's converter does; each id gets a word of its own, since only ids are asked for."""
import json
import sys
from pathlib import Path

import gguf
import torch
from safetensors.torch import load_file

folder, out = Path(sys.argv[1]), sys.argv[2]
config = json.loads((folder / "config.json").read_text())
heads, kv_heads, layers = (config[k] for k in ("num_attention_heads", "num_key_value_heads", "num_hidden_layers"))

writer = gguf.GGUFWriter(out, "llama")
writer.add_type("model")
writer.add_context_length(config["max_position_embeddings"])
writer.add_embedding_length(config["hidden_size"])
writer.add_block_count(layers)
writer.add_feed_forward_length(config["intermediate_size"])
writer.add_head_count(heads)
writer.add_head_count_kv(kv_heads)
writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
writer.add_rope_freq_base(config.get("rope_theta") or config["rope_parameters"]["rope_theta"])
writer.add_rope_dimension_count(config["head_dim"])
writer.add_key_length(config["head_dim"])
writer.add_value_length(config["head_dim"])
writer.add_vocab_size(config["vocab_size"])
writer.add_file_type(gguf.LlamaFileType.ALL_F32)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
writer.add_token_list(["<|end|>", "\u010a", "a", "b", "ab"] + [f"w{id}" for id in range(5, config["vocab_size"])])
writer.add_token_types([3] + [1] * (config["vocab_size"] - 1))
writer.add_token_merges(["a b"])
writer.add_bos_token_id(0)
writer.add_eos_token_id(0)

names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, layers)


def interleaved(rows: torch.Tensor, heads: int) -> torch.Tensor:
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(rows.shape)


for name, tensor in load_file(folder / "model.safetensors").items():
    tensor = tensor.to(torch.float32)
    if "q_proj" in name or "k_proj" in name:
        tensor = interleaved(tensor, heads if "q_proj" in name else kv_heads)
    writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), tensor.contiguous().numpy())
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
print("null")
