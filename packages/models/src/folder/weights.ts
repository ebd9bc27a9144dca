import type { BlockWeight, PlainTensor } from '@lowrank/core';
import { ggufWeights } from '../gguf/gguf-weights.js';
import type { Packing } from '../packing.js';
import type { FreshHeads } from './fresh-heads.js';
import type { ModelFolder } from './model-folder.js';
import type { Naming } from './stored-names.js';
import { safetensorsWeights } from './safetensors-weights.js';

/** A model's tensors by Hugging Face's names, open; every one that `specs` need is there, and no other. */
export interface Weights {
  /** Float32 values, in the shape that Hugging Face's files have. */
  read(name: string): Promise<PlainTensor>;
  /** How a matrix that its file packs stays packed; undefined for what is not packed there. */
  packing(name: string): Packing | undefined;
  /** A matrix that has a `packing`, in that, a linear's by its outputs; owned by the caller. Throws `not-finite`. */
  readPacked(name: string): Promise<BlockWeight>;
  /** Whether a module was made up, for the files lack it. */
  isFresh(path: string): boolean;
  /** Whether a module that a model may do without is not there. */
  lacks(path: string): boolean;
  close(): Promise<void>;
}

/**
 * Opens a folder's weights and checks that they are exactly what `specs` need, but for what is optional and for heads
 * that `fresh` makes. Reads headers only. Throws `file-missing`
 * or `file-invalid`, and leaves nothing open.
 */
export function openWeights(folder: ModelFolder, naming: Naming, fresh?: FreshHeads): Promise<Weights> {
  return folder.openGguf ? ggufWeights(folder.openGguf, naming.specs) : safetensorsWeights(folder, naming, fresh);
}
