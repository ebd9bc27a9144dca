"""Places and numbers that every step of the pretraining shares."""
import os
from pathlib import Path

CACHE = Path(os.environ.get("LOWRANK_PRETRAIN_CACHE", Path.home() / ".cache" / "lowrank-pretrain"))
RUN = Path(os.environ.get("LOWRANK_PRETRAIN_RUN", CACHE / "run"))
SEED = 1337
VOCAB = 2048
CONTEXT = 256
END_OF_TEXT = "<|endoftext|>"
