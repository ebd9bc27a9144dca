"""Prints what the gguf package reads in a file, as JSON: `python read_gguf.py <file>`."""
import json
import sys

import gguf

reader = gguf.GGUFReader(sys.argv[1])
fields = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
tensors = {t.name: {"shape": list(t.data.shape), "data": t.data.flatten().tolist()} for t in reader.tensors}
json.dump({"fields": fields, "tensors": tensors}, sys.stdout)
