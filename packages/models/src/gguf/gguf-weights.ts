import { BlockWeight, LowrankError } from '@lowrank/core';
import {
  ggufBlocks,
  ggufPacking,
  ggufTensorName,
  halvedRotaryStored,
  openGguf,
  transposed,
  unpackGguf,
  type ByteSource,
  type GgufFile,
  type GgufPacking,
  type GgufTensorName,
  type StoredGgufTensor,
} from '@lowrank/formats';
import { tensor2d } from '@tensorflow/tfjs-core';
import { checkTensors } from '../folder/check-tensors.js';
import type { Weights } from '../folder/weights.js';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';
import { architectureOf } from './config.js';
import { Metadata } from './metadata.js';

/** `openWeights` for a GGUF file: what its tensors are under Hugging Face's names and in Hugging Face's order. */
export async function ggufWeights(open: () => Promise<ByteSource>, specs: ModuleSpec[]): Promise<Weights> {
  const gguf = await openGguf(await open());
  try {
    const tensors = tensorsIn(gguf, specs);
    checkAll(gguf, tensors);
    const find = (tensor: string) => tensors.get(tensor) as Tensor;
    const heads = headCounts(gguf);
    const stored = async ({ name, rotary }: Tensor) => {
      const lying = await gguf.readStored(name);
      return rotary ? halvedRotaryStored(lying, heads[rotary]) : lying;
    };
    const packing = (tensor: string) => ggufPacking(gguf.tensors.get(find(tensor).name)!.type);
    return {
      async read(tensor) {
        const found = find(tensor);
        const plain = unpackGguf(`"${found.name}" in ${gguf.name}`, await stored(found));
        return found.turned ? transposed(plain) : plain;
      },
      packing,
      readPacked: async (tensor) => blockWeight(await stored(find(tensor)), packing(tensor) as GgufPacking),
      isFresh: () => false,
      lacks: () => false,
      close: () => gguf.close(),
    };
  } catch (error) {
    await gguf.close();
    throw error;
  }
}

/** What a tensor that is needed is in the file. */
interface Tensor extends GgufTensorName {
  /** Slowest side first. */
  shape: number[];
  /** Whether Hugging Face's files have it on its side: that of a Conv1D lies `[out, in]` here, as any linear's. */
  turned: boolean;
}

/** By Hugging Face's names. */
function tensorsIn(gguf: GgufFile, specs: ModuleSpec[]): Map<string, Tensor> {
  const architecture = architectureOf(gguf);
  const entries = specs.flatMap((spec) =>
    tensorsOf(spec).map(({ name, shape }): [string, Tensor] => {
      const turned = spec.kind === 'linear' && Boolean(spec.fanInFanOut) && shape.length === 2;
      const own = ggufTensorName(gguf.name, architecture, name) ?? { name };
      return [name, { ...own, turned, shape: turned ? shape.toReversed() : shape }];
    }),
  );
  return new Map(entries);
}

function checkAll(gguf: GgufFile, tensors: Map<string, Tensor>): void {
  const stored = {
    name: gguf.name,
    config: 'the metadata',
    found: Array.from(gguf.tensors, ([name, { type, shape }]) => ({ file: gguf.name, name, dtype: type, shape })),
    dtypes: ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q4_K', 'Q5_K', 'Q6_K'],
    // Spent on the config.
    isIgnored: (name: string) => name === 'rope_freqs.weight',
  };
  checkTensors(stored, [...tensors.values()]);
}

function headCounts(gguf: GgufFile): { heads: number; keyValueHeads: number } {
  const metadata = new Metadata(gguf);
  const key = `${architectureOf(gguf)}.attention.head_count`;
  const heads = metadata.count(key);
  return { heads, keyValueHeads: metadata.count(`${key}_kv`, heads) };
}

function blockWeight(stored: StoredGgufTensor, { format, block }: GgufPacking): BlockWeight {
  const [out, features] = stored.shape as [number, number];
  const blocks = ggufBlocks(stored);
  if (!blocks) return BlockWeight.fromRows(unpackGguf('a weight', stored).data, [out, features], format, block);
  const { packed, scales } = blocks;
  const bad = scales.findIndex((scale) => !Number.isFinite(scale));
  if (bad >= 0) {
    throw new LowrankError('not-finite', {
      given: `a scale of ${scales[bad]} in row ${Math.floor((bad * block) / features)} of a weight`,
      rule: 'only finite values can be quantised',
      fix: 'take a file that is whole',
    });
  }
  return new BlockWeight(
    format,
    tensor2d(packed, [out, packed.length / out], 'int32'),
    tensor2d(scales, [out, scales.length / out]),
    features,
    block,
  );
}
