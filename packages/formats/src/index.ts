export { readPeft } from './peft/read.js';
export { encodePeft, writePeft } from './peft/write.js';
export type { PeftFiles } from './peft/peft-files.js';
export { readPeftFolder, type PeftFolder } from './peft/read-peft-folder.js';
export { encodePeftFolder, writePeftFolder } from './peft/write-peft-folder.js';
export type { PeftEntry, PeftEntryKind } from './peft/entry.js';

export { readMlxAdapter, readMlxAsPeft } from './mlx/read-adapter.js';
export { writeMlxAdapter } from './mlx/write-adapter.js';

export { openGguf, unpackGguf, type GgufFile, type StoredGgufTensor } from './gguf/read.js';
export { ggufBlocks, ggufPacking, type GgufBlocks, type GgufPacking } from './gguf/packing.js';
export { ggufTensorName, type GgufTensorName } from './gguf/tensor-names.js';
export { readGgufAdapter, readGgufAsPeft, type ReadGgufAdapterOptions } from './gguf/read-adapter.js';
export { encodeGgufAdapter, writeGgufAdapter, type GgufAdapterOptions } from './gguf/write-adapter.js';
export { halvedRotary, halvedRotaryStored, interleavedRotary } from './gguf/rotary-rows.js';
export type { GgufTensorType } from './gguf/tensor-type.js';
export type { GgufNumbers, GgufValue } from './gguf/value.js';

export { consumers, type Consumer, type ConsumerName, type Rule, type Verdict } from './consumers/consumer.js';
export { compatibility, type Compatibility, type Finding } from './consumers/compatibility.js';
export { prepareFor, type Prepared, type PrepareOptions } from './consumers/prepare.js';
export type { BaseFacts, Feature } from './consumers/features.js';

export { moduleUpdates, type ModuleUpdate } from './adapter/module-update.js';

export { readCheckpoint } from './checkpoint/read.js';
export { encodeCheckpoint, writeCheckpoint } from './checkpoint/write.js';

export { openSafetensors, type SafetensorsFile } from './safetensors/read.js';
export type { StoredTensor } from './safetensors/stored-tensor.js';
export { widened } from './safetensors/widen.js';
export { encodeSafetensors, type EncodeOptions } from './safetensors/write.js';
export { streamSafetensors, type LazyTensor } from './safetensors/stream.js';
export { isModelWeights, shardedSafetensors, type ShardOptions } from './safetensors/shard.js';
export type { Dtype, FloatDtype } from './safetensors/dtype.js';

export { bytesSource, fileSource, type ByteSource } from './io/source.js';
export { writeFileAtomic } from './io/atomic-write.js';
export { fileSink, streamSink, type ByteSink } from './io/sink.js';
export { unwritable } from './io/file-errors.js';
export { removeUnfinished } from './io/unfinished.js';
export { writeFolder, type FileContent, type WriteFolderOptions } from './io/write-folder.js';
export { parseJsonObject, readJsonObject, type JsonObject } from './io/json.js';
export { transposed } from './transposed.js';
