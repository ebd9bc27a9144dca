"""Makes the goldens of PEFT's LoRA again, in a folder of their own, and holds the committed ones against them.

`python check_goldens.py [script ...]` says what differs and ends with 1 where anything does. Another processor rounds
sums otherwise, so values may be apart by `ATOL` and `RTOL`; names, shapes and everything that is not a float may not.
"""
import contextlib
import io
import json
import math
import runpy
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers.utils import logging

import golden

COMMITTED = golden.DATA
HERE = Path(__file__).parent
# In this order: some read what others have made.
SCRIPTS = [
    "make_base_goldens",
    "make_peft_goldens",
    "make_peft_folder_goldens",
    "make_peft_kind_goldens",
    "make_peft_conv_goldens",
    "make_combine_goldens",
    "make_many_adapters_goldens",
    "make_init_goldens",
    "make_optimizer_goldens",
    "make_rank_allocator_golden",
    "make_classifier_training_golden",
    "make_family_goldens",
    "make_family_training_goldens",
    "make_bert_goldens",
    "make_pair_golden",
    "make_writer_goldens",
]
ATOL, RTOL = 2e-5, 1e-4


def again(script: str) -> None:
    """Quietly, from a seed of its own, as if it ran alone."""
    torch.manual_seed(0)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runpy.run_path(str(HERE / f"{script}.py"), run_name="__main__")


def apart(committed: Path, made: Path) -> str | None:
    """How two files differ, in words; None where they do not."""
    if not committed.exists():
        return "is not committed"
    if committed.suffix == ".safetensors":
        ours, theirs = load_file(committed), load_file(made)
        if ours.keys() != theirs.keys():
            return f"other names: {sorted(ours.keys() ^ theirs.keys())[:3]}"
        told = [(name, value_apart(ours[name], theirs[name], learned(name, ours))) for name in ours]
        return next((f"{name}: {how}" for name, how in told if how), None)
    if committed.suffix == ".json":
        return json_apart(json.loads(committed.read_text()), json.loads(made.read_text()))
    return None if committed.read_bytes() == made.read_bytes() else "other bytes"


def learned(name: str, tensors: dict[str, torch.Tensor]) -> torch.Tensor | None:
    """Where a value after AdamW's first step says anything: its gradient is more than rounding, as a key bias's is not."""
    gradient = tensors.get(name.replace("final/", "gradients/")) if name.startswith("final/") else None
    if gradient is None:
        return None
    largest = max(t.abs().max() for key, t in tensors.items() if key.startswith("gradients/"))
    return gradient.abs() > 1e-6 * largest


def value_apart(ours: torch.Tensor, theirs: torch.Tensor, where: torch.Tensor | None) -> str | None:
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return f"{list(ours.shape)} {ours.dtype} committed, {list(theirs.shape)} {theirs.dtype} made"
    if not ours.is_floating_point():
        return None if torch.equal(ours, theirs) else "other values"
    if where is not None:
        ours, theirs = ours[where], theirs[where]
    # What is not a number in one must not be one in the other.
    if torch.allclose(ours.float(), theirs.float(), atol=ATOL, rtol=RTOL, equal_nan=True):
        return None
    return f"apart by {(ours.float() - theirs.float()).abs().max().item():.1e}"


def json_apart(ours, theirs, at: str = "") -> str | None:
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return None if math.isclose(ours, theirs, rel_tol=RTOL, abs_tol=ATOL) else f"{at}: {ours}, made {theirs}"
    if type(ours) is not type(theirs):
        return f"{at}: {ours!r}, made {theirs!r}"
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return f"{at}: other keys"
        return next(filter(None, (json_apart(ours[key], theirs[key], f"{at}/{key}") for key in ours)), None)
    if isinstance(ours, list):
        if at.endswith("_modules"):  # peft keeps a set
            ours, theirs = sorted(ours), sorted(theirs)
        if len(ours) != len(theirs):
            return f"{at}: {len(ours)} of them, made {len(theirs)}"
        return next(filter(None, (json_apart(a, b, f"{at}/{i}") for i, (a, b) in enumerate(zip(ours, theirs)))), None)
    return None if ours == theirs else f"{at}: {ours!r}, made {theirs!r}"


def main(scripts: list[str]) -> int:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as folder:
        golden.DATA = Path(folder) / "data"
        shutil.copytree(COMMITTED, golden.DATA)
        before = {path: path.stat().st_mtime_ns for path in golden.DATA.rglob("*") if path.is_file()}
        for script in scripts:
            again(script)
        made = [p for p in sorted(golden.DATA.rglob("*")) if p.is_file() and p.stat().st_mtime_ns != before.get(p)]
        lost = [path for path in before if not path.exists()]
        differ = [f"{path.relative_to(golden.DATA)}: is made no more" for path in lost]
        for path in made:
            name = path.relative_to(golden.DATA)
            how = apart(COMMITTED / name, path)
            differ += [f"{name}: {how}"] if how else []
    for line in differ:
        print(line)
    print(f"{len(made)} files made again, {len(differ)} differ")
    return 1 if differ or not made else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or SCRIPTS))
