import { planAdapter, randomFloats, type AdapterPlan, type ModelOutline, type ModuleInfo } from '@lowrank/core';
import type { Evidence, Spectrum } from '@lowrank/rank';

/** A small model that a seed makes, with a plan for it and what is known of each module. */
export interface RandomPlan {
  seed: number;
  outline: ModelOutline;
  /** So that either peak of a step, of the backward pass or the update, may be the higher one. */
  workload: { batch: number; seq: number };
  plan: AdapterPlan;
  evidence: Evidence;
  /** Modules alike in all that a choice looks at have the same text here. */
  kinds: string[];
}

export interface RandomPlanOptions {
  modules: number;
  /** The longest side of a weight. */
  side: number;
}

/**
 * One to so many linears and convolutions, some alike, plain or with what no rank changes beside the factors. Singular
 * values are few bits long and energies powers of two, so that sums of squares and of shares of them are exact.
 */
export function randomPlan(seed: number, { modules: most, side }: RandomPlanOptions): RandomPlan {
  const whole = wholeNumbers(seed);
  const count = whole(1, most);
  const shapes: Shape[] = [];
  while (shapes.length < count) shapes.push(shapes.length > 0 && whole(0, 2) === 0 ? shapes.at(-1)! : shape());
  const infos = shapes.map((each, at) => infoOf(`block.${at}.m`, each));
  const all = [...infos, info('table', 40 * side, side), info('saved', side, 3)];
  const turn = whole(0, count);
  const plan = planAdapter(
    {
      ...{ rank: 12, alpha: 12, targetModules: infos.map(({ path }) => path) },
      useDora: whole(0, 4) === 0,
      ...(whole(0, 2) === 0 && { modulesToSave: ['saved'] }),
    },
    all,
  );
  return {
    ...{ seed, plan },
    workload: { batch: whole(1, 4), seq: 2 ** whole(1, 4) },
    outline: { modules: all, pass: passOf(infos, turn), maxPositions: 64 },
    evidence: new Map(infos.map(({ path }, at) => [path, shapes[at]!.spectrum])),
    kinds: shapes.map((each, at) => JSON.stringify([each, at < turn])),
  };

  function shape(): Shape {
    const groups = whole(0, 5) === 0 ? whole(2, 3) : 1;
    const kernel = groups > 1 || whole(0, 5) === 0 ? [whole(1, 2), whole(1, 2)] : undefined;
    const out = groups * whole(1, Math.ceil(side / groups));
    return { in: whole(1, side), out, kernel, groups, spectrum: spectrum(whole(0, side + 2)) };
  }

  function spectrum(length: number): Spectrum {
    const bits = [1, 3, 12][whole(0, 2)]!;
    const values = Array.from({ length }, () => whole(0, 2 ** bits - 1)).sort((left, right) => right - left);
    if (shapes.length === 0) values.unshift(4096);
    const all = values.reduce((sum, value) => sum + value ** 2, 0);
    return { values, energy: all === 0 ? 0 : 2 ** (Math.ceil(Math.log2(all)) + whole(0, 2)) };
  }
}

interface Shape {
  in: number;
  out: number;
  kernel: number[] | undefined;
  groups: number;
  spectrum: Spectrum;
}

function infoOf(path: string, { in: from, out, kernel, groups }: Shape): ModuleInfo {
  return kernel ? { ...info(path, from, out, kernel), kind: 'conv2d', kernel, groups } : info(path, from, out);
}

function info(path: string, from: number, out: number, kernel: number[] = []): ModuleInfo {
  const parameters = kernel.reduce((product, length) => product * length, from * out);
  return { path, kind: 'linear', in: from, out, parameters, bytes: 4 * parameters };
}

/** One module after the other, from `turn` on of each row's first token alone. */
function passOf(infos: ModuleInfo[], turn: number): ModelOutline['pass'] {
  const value = (at: number) => (at === 0 ? 'ids' : `x${at}`);
  const blocks = infos.map(({ path }, at) => [
    ...(at === turn ? [{ op: 'first-token' as const, from: [value(at)], to: [value(at)] }] : []),
    { op: 'module' as const, path, from: [value(at)], to: [value(at + 1)] },
  ]);
  return { before: [], blocks, after: [], result: value(infos.length) };
}

function wholeNumbers(seed: number): (from: number, to: number) => number {
  const drawn = randomFloats(4000, { distribution: 'uniform', seed });
  let at = 0;
  return (from, to) => from + Math.floor(((drawn[at++]! + 1) / 2) * (to - from + 1) * (1 - 2 ** -24));
}
