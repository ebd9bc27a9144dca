"""Transformers and PEFT as a server: a request a line in, an answer a line out, each JSON; tensors go through safetensors
files. `python worker.py <threads>` answers `{"ready": true}` first, then to each request `{"ok": ...}` or `{"error": "..."}`."""
import json
import os
import sys
import traceback
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TQDM_DISABLE", "1")
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # what a library prints is no answer

import torch  # noqa: E402
from transformers.utils import logging  # noqa: E402

torch.set_num_threads(int(sys.argv[1]))
torch.use_deterministic_algorithms(True)
logging.disable_progress_bar()
warnings.simplefilter("ignore")  # but where `adapters.load` listens

import adapters  # noqa: E402
import bases  # noqa: E402
import several  # noqa: E402
import starts  # noqa: E402
import versions  # noqa: E402

handlers = {
    "versions": versions.versions,
    "make-base": bases.make,
    "outputs": bases.outputs_of_folder,
    "make-adapter": adapters.make,
    "load-adapter": adapters.load,
    "make-start": starts.make,
    "make-several": several.make,
}


def answer(value) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


answer({"ready": True})
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer({"ok": handlers[request.pop("do")](**request)})
    except Exception as error:  # noqa: BLE001
        answer({"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()})
answers.close()
