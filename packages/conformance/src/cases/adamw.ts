import { adamw, type AdamwArgs } from '@lowrank/core';
import { ones, tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { requireSame } from '../op-case.js';
import { compare, worstOf } from '../outcome.js';
import { owning } from '../owning.js';
import { adamw64 } from '../reference/adamw64.js';
import { randn, repeated, type Values } from '../values.js';
import { refusals } from './refusals.js';

const usual = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, step: 1 };

/** Decoupled weight decay's update of many parameters at once, nothing changed in place. */
export const adamwCases: ConformanceCase[] = [
  one('the first update', [[3, 5]]),
  one('the thousandth update', [[3, 5]], { options: { step: 1000 } }),
  one('weight decay', [[3, 5]], { options: { weightDecay: 0.1, step: 3 } }),
  one('a large epsilon', [[3, 5]], { options: { epsilon: 0.1, step: 2 } }),
  one('other betas', [[3, 5]], { options: { beta1: 0.5, beta2: 0.95, step: 7 } }),
  one('one value', [[1]]),
  one('no parameter', []),
  one('a parameter without values', [[0, 4], [3]]),
  one('parameters of unlike shapes', [[7, 3], [1], [5], [2, 3, 4], [65], [8, 129]], { options: { step: 5 } }),
  one(
    'forty parameters',
    Array.from({ length: 40 }, (_, index) => [2 + (index % 5), 8]),
    { options: { step: 2 } },
  ),
  one('gradients of zero', [[3, 5]], { gradient: (shape) => repeated(shape, [0]) }),
  one('gradients of ±1e4', [[3, 5]], { gradient: (shape) => repeated(shape, [1e4, -1e4, 1]) }),
  one('gradients of 1e-6', [[3, 5]], { gradient: (shape) => randn(shape, 9, 1e-6) }),
  one('large', [[1024, 16], [16, 3001], [768]], { large: true, options: { step: 4, weightDecay: 0.01 } }),
  ...refusals('adamw', [
    ['an int32 gradient', 'dtype-unsupported', () => adamw({ ...lists(), gradients: [ones([2], 'int32')] })],
    ['a gradient of another shape', 'shape-mismatch', () => adamw({ ...lists(), gradients: [ones([1])] })],
    ['a gradient too few', 'shape-mismatch', () => adamw({ ...lists(), gradients: [] })],
  ]),
];

function lists(): AdamwArgs {
  return { parameters: [ones([2])], gradients: [ones([2])], m: [ones([2])], v: [ones([2])], ...usual };
}

interface Plan {
  options?: Partial<typeof usual>;
  gradient?: (shape: number[], seed: number) => Values;
  large?: boolean;
}

function one(
  title: string,
  shapes: number[][],
  { options, gradient = randn, large = false }: Plan = {},
): ConformanceCase {
  return {
    op: 'adamw',
    title,
    large,
    run: (tolerance) =>
      owning(async (own) => {
        const settings = { ...usual, ...options };
        const started = settings.step > 1;
        const before = shapes.map((shape, index) => ({
          parameters: randn(shape, 10 * index + 1),
          gradients: gradient(shape, 10 * index + 2),
          m: started ? randn(shape, 10 * index + 3, 0.1) : repeated(shape, [0]),
          v: started ? squares(randn(shape, 10 * index + 4)) : repeated(shape, [0]),
        }));
        const upload = (of: 'parameters' | 'gradients' | 'm' | 'v') =>
          before.map((each) => own(tensor(each[of].data.slice(), each[of].shape)));
        const given = {
          parameters: upload('parameters'),
          gradients: upload('gradients'),
          m: upload('m'),
          v: upload('v'),
        };
        const after = adamw({ ...given, ...settings });
        [after.parameters, after.m, after.v].flat().forEach(own);

        const outcomes = [compare('nothing', [], [], tolerance)];
        for (const [index, start] of before.entries()) {
          const wide = { parameter: wideOf(start.parameters), m: wideOf(start.m), v: wideOf(start.v) };
          const expected = adamw64(wide, wideOf(start.gradients), settings);
          const check = async (name: string, [actual]: (Tensor | undefined)[], values: Float64Array) =>
            outcomes.push(compare(`${name} ${index}`, await (actual as Tensor).data(), values, tolerance));
          await check('parameter', after.parameters.slice(index), expected.parameter);
          await check('m of parameter', after.m.slice(index), expected.m);
          await check('v of parameter', after.v.slice(index), expected.v);
          for (const name of ['parameters', 'gradients', 'm', 'v'] as const) {
            await requireSame(`${name} ${index}`, given[name][index] as Tensor, start[name]);
          }
        }
        return worstOf(outcomes);
      }),
  };
}

function squares({ shape, data }: Values): Values {
  return { shape, data: data.map((value) => value * value) };
}

function wideOf({ data }: Values): Float64Array {
  return Float64Array.from(data);
}
