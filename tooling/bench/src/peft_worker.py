"""PyTorch with PEFT on the same files and the same protocol as tfjs-worker.mjs: JSON lines in, JSON lines out."""

import json
import os
import sys
import time

task = json.loads(sys.argv[1])
os.environ["OMP_NUM_THREADS"] = str(task["threads"])
os.environ.setdefault("HF_HUB_OFFLINE", "1")
shape, folder = task["shape"], task["folder"]


def answer(value):
    sys.stdout.write(f"@ {json.dumps(value)}\n")
    sys.stdout.flush()


class Subject:
    def __init__(self):
        import peft
        import torch
        import transformers
        from safetensors.torch import load_file

        transformers.logging.set_verbosity_error()
        torch.set_num_threads(task["threads"])
        self.torch = torch
        kind = transformers.BertModel if shape["family"] == "bert" else transformers.LlamaForCausalLM
        base = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
        self.model = peft.PeftModel.from_pretrained(base, f"{folder}/adapter", is_trainable=True)
        self.model.train()
        self.merged = False
        self.head = load_file(f"{folder}/head.safetensors")["head"] if "classes" in shape else None
        with open(f"{folder}/batch.json", encoding="utf-8") as file:
            batch = json.load(file)
        self.ids = torch.tensor(batch["ids"]).view(batch["batch"], batch["seq"])
        self.targets = torch.tensor(batch["targets"])
        self.parameters = [each for each in self.model.parameters() if each.requires_grad]
        self.optimiser = torch.optim.AdamW(self.parameters, lr=1e-3, weight_decay=0.01)
        self.runtime = f"PyTorch {torch.__version__}, PEFT {peft.__version__}, sdpa"

    def loss(self):
        functional = self.torch.nn.functional
        if self.head is None:
            logits = self.model(input_ids=self.ids, use_cache=False).logits
            return functional.cross_entropy(logits.view(-1, logits.shape[-1]), self.targets)
        states = self.model(input_ids=self.ids).last_hidden_state
        return functional.cross_entropy(states.mean(1) @ self.head, self.targets)

    def step(self):
        start = time.perf_counter()
        loss = self.loss()
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        value = loss.item()
        return {"ms": 1000 * (time.perf_counter() - start), "loss": value}

    def forward(self, kind):
        if (kind == "merged") != self.merged:
            self.merged = kind == "merged"
            (self.model.merge_adapter if self.merged else self.model.unmerge_adapter)()
        with self.torch.no_grad():
            if kind != "frozen":
                return self.timed()
            with self.model.disable_adapter():
                return self.timed()

    def timed(self):
        start = time.perf_counter()
        value = self.loss().item()
        return {"ms": 1000 * (time.perf_counter() - start), "loss": value}


subject = None
for line in sys.stdin:
    command = json.loads(line)
    try:
        match command["command"]:
            case "start":
                subject = Subject()
                answer({"threads": subject.torch.get_num_threads(), "runtime": subject.runtime})
            case "step":
                answer(subject.step())
            case "forward":
                answer(subject.forward(command["as"]))
            case other:
                answer({"error": f"no command {other}"})
    except Exception as error:  # whatever it is, the parent says so and goes on with the others
        answer({"error": f"{type(error).__name__}: {error}"})
