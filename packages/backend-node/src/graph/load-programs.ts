import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withEnvironment } from '../environment.js';
import { tensorflow } from '../tensorflow.js';
import { constantId } from './constant-id.js';
import { savedModel, type Program, type SavedModel } from './program.js';

/** A tensor, a float32 scalar, or a shape. */
type Input = TensorInfo | Stored | number | readonly number[];

/** A tensor that a program takes in whatever shape TensorFlow has it, for it gives it a shape of its own. */
interface Stored {
  readonly stored: TensorInfo;
}

/** For a program that reshapes this input: a node of its graph is far cheaper than the view that a call takes. */
export const stored = (tensor: TensorInfo): Stored => ({ stored: tensor });

/** Runs a program on its inputs, in their order. A tidy owns what it gives. */
export interface Run {
  (...inputs: Input[]): Tensor[];
  /** Gives the first output alone; TensorFlow leaves out what only others need. */
  first(...inputs: Input[]): Tensor[];
}

/** Gives programs to TensorFlow at the first run of one. */
export function loadPrograms<Name extends string>(programs: Record<Name, Program>): Record<Name, Run> {
  let loaded: Loaded | undefined;
  const runner = (name: string, part: 'outputs' | 'first') => {
    return (...inputs: Input[]) => run((loaded ??= load(programs)), name, part, inputs);
  };
  const runners = Object.keys(programs).map((name): [string, Run] => {
    return [name, Object.assign(runner(name, 'outputs'), { first: runner(name, 'first') })];
  });
  return Object.fromEntries(runners) as Record<Name, Run>;
}

interface Loaded {
  model: number;
  names: SavedModel['names'];
}

/** TensorFlow takes a graph from a folder only. */
function load(programs: Record<string, Program>): Loaded {
  const { bytes, names } = savedModel(programs);
  const folder = mkdtempSync(join(tmpdir(), 'lowrank-programs-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes);
    const model = withEnvironment(settings(), () => tensorflow().binding.loadSavedModel(folder, 'serve'));
    return { model, names };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** TensorFlow reads it with the first graph: -1 runs graphs in the calling thread, without a hand-over. */
function settings() {
  return { TF_NUM_INTEROP_THREADS: process.env['TF_NUM_INTEROP_THREADS'] ?? '-1' };
}

function run({ model, names }: Loaded, name: string, part: 'outputs' | 'first', inputs: Input[]): Tensor[] {
  const backend = tensorflow();
  const { inputs: feeds, [part]: fetches } = names[name] as SavedModel['names'][string];
  const ids = inputs.map((input) => {
    if (typeof input !== 'object' || Array.isArray(input)) return constantId(input as number | readonly number[]);
    return idOf('stored' in input ? asStored(input.stored) : (input as TensorInfo));
  });
  return backend.binding.runSavedModel(model, ids, feeds, fetches).map((made) => backend.createOutputTensor(made));
}

function idOf(tensor: TensorInfo): number {
  return tensorflow().getInputTensorIds([tensor])[0] as number;
}

function asStored({ dataId, dtype }: TensorInfo): TensorInfo {
  return { dataId, dtype, shape: tensorflow().tensorMap.get(dataId).shape };
}
