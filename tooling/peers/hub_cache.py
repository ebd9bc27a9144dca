"""Python's own client on a cache: `fetch` brings a model into it from HF_ENDPOINT, `load` reads one with the network off.

Prints JSON: the snapshot's folder, the SHA-256 of its weights, and what a scan of the cache complains about.
"""

import hashlib
import json
import os
import sys

how, repo = sys.argv[1:]
if how == "load":
    os.environ["HF_HUB_OFFLINE"] = "1"

from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download  # noqa: E402

if how == "fetch":
    names = ["config.json", "generation_config.json", "model.safetensors"]
    folder = os.path.dirname([hf_hub_download(repo, name) for name in names][0])
else:
    folder = snapshot_download(repo)
    assert hf_hub_download(repo, "config.json") == os.path.join(folder, "config.json")

parameters = None
if how == "load":
    from transformers import AutoModelForCausalLM

    parameters = AutoModelForCausalLM.from_pretrained(repo).num_parameters()

with open(os.path.join(folder, "model.safetensors"), "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
warnings = [str(warning) for warning in scan_cache_dir().warnings]
print(json.dumps({"folder": folder, "sha256": digest, "parameters": parameters, "warnings": warnings}))
