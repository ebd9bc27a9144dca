import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loraTensorName, type Parameter } from '@lowrank/core';
import { adaptiveRanks } from '@lowrank/rank';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, tensor2d, variable, type NamedTensorMap, type Tensor2D } from '@tensorflow/tfjs-core';

type Rows = number[][];

interface Golden {
  rank: number;
  targetRank: number;
  steps: number;
  tinit: number;
  tfinal: number;
  deltaT: number;
  updates: {
    /** Ranks of both modules together. */
    budget: number;
    factors: Record<string, { weight: Rows; gradient: Rows }>;
    sensitivity: Record<string, Rows>;
    uncertainty: Record<string, Rows>;
    kept: Record<string, boolean[]> | null;
  }[];
}

const path = join(import.meta.dirname, '../../../../tooling/goldens/data/rank-allocator/steps.json');
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
const modules = ['first', 'second'];
const perRank = 6 + 5;

describe("PEFT's RankAllocator", () => {
  it.onEachBackend('comes to the same importance, and keeps the same components, in each update', async () => {
    const { tinit: initialSteps, tfinal: finalSteps, deltaT: every, steps, targetRank } = golden;
    const allocator = adaptiveRanks({ parameters: 2 * targetRank * perRank, initialSteps, finalSteps, every });
    const parameters = modules.flatMap((module) => [factor(module, 'lora_A'), factor(module, 'lora_B')]);
    const state = allocator.init(parameters, steps);
    for (const [index, update] of golden.updates.entries()) {
      const gradients: NamedTensorMap = {};
      for (const { name, variable: value } of parameters) {
        const { weight, gradient } = update.factors[nameThere(name)]!;
        const [here, g] = [turned(weight), turned(gradient)];
        value.assign(here);
        here.dispose();
        gradients[name] = g;
      }
      const observed = await allocator.observe({ step: index + 1, steps, parameters, gradients, state });
      for (const key of Object.keys(observed)) state[key]!.dispose();
      Object.assign(state, observed);
      dispose(gradients);
      // PEFT forgets all importance once ranks are final; ours stays as it is.
      const isLast = index === golden.updates.length - 1;
      for (const { name } of isLast ? [] : parameters) {
        for (const slot of ['sensitivity', 'uncertainty'] as const) {
          const there = turned(update[slot][nameThere(name)]!);
          expectClose(state[`${slot}/${name}`]!, there, { atol: 1e-6, because: 'float32 on both sides' });
          there.dispose();
        }
      }
      for (const module of modules) {
        const kept = update.kept?.[`${module}.lora_E`] ?? Array.from({ length: golden.rank }, () => true);
        expect([...state[`kept/${module}`]!.dataSync()], `${module}, update ${index + 1}`).toEqual(kept.map(Number));
      }
    }
    dispose(state);
    parameters.forEach((parameter) => parameter.variable.dispose());
  });
});

function factor(path: string, role: 'lora_A' | 'lora_B'): Parameter {
  const name = loraTensorName(path, role);
  const start = turned(golden.updates[0]!.factors[nameThere(name)]!.weight);
  const made = variable(start);
  start.dispose();
  return { name, path, role, variable: made };
}

/** PEFT has A `[rank, in]` and B `[out, rank]`. */
function turned(rows: Rows): Tensor2D {
  return tensor2d(rows[0]!.map((_, column) => rows.map((row) => row[column]!)));
}

function nameThere(name: string): string {
  return name.replace('.weight', '');
}
