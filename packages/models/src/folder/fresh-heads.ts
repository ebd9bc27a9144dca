import { deriveSeed, randomFloats, type PlainTensor } from '@lowrank/core';
import type { SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';

/** How a head starts that a model's files lack. */
export interface FreshHeads {
  /** The standard deviation of its weights; its biases are 0. */
  deviation: number;
  seed: number;
}

/** Those of `specs` that a task brings and of which the files hold nothing, as tensors to start from, by name. */
export function freshHeads(
  specs: ModuleSpec[],
  files: SafetensorsFile[],
  { deviation, seed }: FreshHeads,
): Map<string, PlainTensor> {
  const heads = specs.filter((spec) => spec.kind === 'linear' && spec.task === true && holdNothingOf(spec, files));
  return new Map(
    heads.flatMap(tensorsOf).map(({ name, shape }) => {
      const count = shape.reduce((product, side) => product * side, 1);
      if (name.endsWith('.bias')) return [name, { shape, data: new Float32Array(count) }];
      const draws = randomFloats(count, { distribution: 'normal', seed: deriveSeed(seed, name) });
      return [name, { shape, data: draws.map((value) => value * deviation) }];
    }),
  );
}

/** Whether files hold no tensor of a module. */
export function holdNothingOf(spec: ModuleSpec, files: SafetensorsFile[]): boolean {
  return tensorsOf(spec).every(({ name }) => files.every((file) => !file.tensors.has(name)));
}
