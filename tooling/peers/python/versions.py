from importlib.metadata import version


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("torch", "transformers", "peft", "safetensors", "gguf")}
