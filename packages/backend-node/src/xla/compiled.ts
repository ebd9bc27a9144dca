import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorflow } from '../tensorflow.js';
import { program, savedModel, type Program } from './program.js';

/** Runs a program on tensors and plain numbers, in the order of its inputs. A tidy owns what it gives. */
export type Run = (...inputs: (TensorInfo | number)[]) => Tensor[];

/**
 * Loads programs into TensorFlow, which takes them from a folder only; it is gone when this returns. Undefined where
 * this TensorFlow was built without XLA.
 */
export function loadPrograms<Name extends string>(programs: Record<Name, Program>): Record<Name, Run> | undefined {
  const { bytes, outputs } = savedModel({ ...programs, probe });
  const model = load(bytes);
  if (!compiles(model)) return undefined;
  const runners = Object.entries<Program>(programs).map(([name, { inputs }]) => {
    return [name, runner(model, name, Object.keys(inputs), outputs[name] as number)] as const;
  });
  return Object.fromEntries(runners) as Record<Name, Run>;
}

function load(bytes: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'lowrank-programs-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes);
    return tensorflow().binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const probe = program(['x'], (f, { x }) => [f.neg(x)]);

function compiles(model: number): boolean {
  const { binding } = tensorflow();
  const x = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(1));
  try {
    for (const { id } of binding.runSavedModel(model, [x], 'probe/x:0', 'probe:0')) binding.deleteTensor(id);
    return true;
  } catch {
    return false;
  } finally {
    binding.deleteTensor(x);
  }
}

function runner(model: number, name: string, inputs: string[], outputs: number): Run {
  const inputNames = inputs.map((input) => `${name}/${input}:0`).join(',');
  const outputNames = Array.from({ length: outputs }, (_, index) => `${name}:${index}`).join(',');
  return (...values) => {
    const backend = tensorflow();
    const { binding } = backend;
    const numbers: number[] = [];
    const ids = values.map((value) => {
      if (typeof value !== 'number') return backend.getInputTensorIds([value])[0] as number;
      const id = binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value));
      numbers.push(id);
      return id;
    });
    try {
      const made = binding.runSavedModel(model, ids, inputNames, outputNames);
      return made.map((each) => backend.createOutputTensor(each));
    } finally {
      numbers.forEach((id) => binding.deleteTensor(id));
    }
  };
}
