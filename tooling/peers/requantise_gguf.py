"""Writes a GGUF file anew with its matrices in another type: `python requantise_gguf.py <from> <to> F32|Q8_0|Q4_0`."""
import json
import sys

import gguf
import numpy as np

source, target, kind = sys.argv[1:]
kind = gguf.GGMLQuantizationType[kind]
reader = gguf.GGUFReader(source)
writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
for name, field in reader.fields.items():
    if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
        continue
    list_of = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
    writer.add_key_value(name, field.contents(), field.types[0], list_of)
for tensor in reader.tensors:
    values = np.ascontiguousarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)
    own = kind if values.ndim == 2 else gguf.GGMLQuantizationType.F32
    writer.add_tensor(tensor.name, gguf.quants.quantize(values, own), raw_dtype=own)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
json.dump(len(reader.tensors), sys.stdout)
