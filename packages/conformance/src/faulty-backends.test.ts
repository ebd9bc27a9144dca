// The suite must fail where a backend is wrong: each of these is a correct cpu with one small fault.
import { runConformance, type CaseResult, type Op } from '@lowrank/conformance';
import { useBackend, type Kernels } from '@lowrank/core';
import { cpu, describe, expect } from '@lowrank/testing';
import {
  add,
  cast,
  div,
  exp,
  keep,
  mean,
  mul,
  ones,
  reshape,
  rsqrt,
  square,
  sub,
  tensor2d,
  zeros,
} from '@tensorflow/tfjs-core';
import { afterAll, test } from 'vitest';
import { dequantised, geluByTanh, residual, swiglu } from '../test/right-kernels.js';

async function failuresOf(op: Op, kernels: Kernels): Promise<CaseResult[]> {
  const { results, passed } = await runConformance({ ...cpu(), kernels }, { ops: [op], large: false });
  const failures = results.filter((result) => !result.passed);
  expect(passed).toBe(failures.length === 0);
  expect(failures.every(({ failure }) => failure)).toBe(true);
  return failures;
}

const sentences = async (op: Op, kernels: Kernels) => (await failuresOf(op, kernels)).map(({ failure }) => failure);

afterAll(() => useBackend(cpu()));

describe('a faulty backend', () => {
  test('is told from the same backend without a fault', async () => {
    expect(await failuresOf('residual', { residual })).toEqual([]);
    expect(await failuresOf('swiglu', { swiglu })).toEqual([]);
    expect(await failuresOf('gelu', { gelu: geluByTanh })).toEqual([]);
    expect(await failuresOf('dequantise', { dequantise: dequantised })).toEqual([]);
  });

  test('is caught where a gradient is off by a thousandth', async () => {
    const off: Kernels['swiglu'] = (args, save) => {
      const { value, gradient } = swiglu(args, save)!;
      return { value, gradient: (dy, saved) => gradient(dy, saved).map((slope) => mul(slope, 1.001)) };
    };
    const failures = await sentences('swiglu', { swiglu: off });
    expect(failures).toContainEqual(expect.stringMatching(/^the gradient of input [01] is off by/));
  });

  test('is caught where a value is off by a hundred-thousandth', async () => {
    const off: Kernels['swiglu'] = (args, save) => {
      const { value, gradient } = swiglu(args, save)!;
      return { value: mul(value, 1 + 1e-5), gradient };
    };
    expect(await sentences('swiglu', { swiglu: off })).toContainEqual(expect.stringContaining('the value is off by'));
  });

  test('is caught where gradients are in the wrong order', async () => {
    const swapped: Kernels['swiglu'] = (args, save) => {
      const { value, gradient } = swiglu(args, save)!;
      return { value, gradient: (dy, saved) => gradient(dy, saved).toReversed() };
    };
    expect((await failuresOf('swiglu', { swiglu: swapped })).length).toBeGreaterThan(4);
  });

  test('is caught where it leaves a tensor behind, at each call', async () => {
    const leaky: Kernels['residual'] = (args, save) => {
      keep(zeros([3]));
      return residual(args, save);
    };
    const failures = await sentences('residual', { residual: leaky });
    expect(failures.length).toBe(8);
    for (const failure of failures) expect(failure).toMatch(/^it leaves behind numTensors [1-9]/);
  });

  test('is caught where it works in place', async () => {
    const inPlace: Kernels['residual'] = (args, save) => {
      const result = residual(args, save);
      args.x.dataSync()[0]! += 1; // the cpu backend gives its own memory
      return result;
    };
    expect(await sentences('residual', { residual: inPlace })).toContain('it changes input 0 in place');
  });

  test('is caught where it gives NaN on extremes alone', async () => {
    const unstable: Kernels['swiglu'] = ({ gate, up }, save) => {
      const power = exp(gate); // Infinity from 89 up, and then a NaN of the quotient
      const { gradient } = swiglu({ gate, up }, save)!;
      return { value: mul(mul(gate, div(power, add(1, power))), up), gradient };
    };
    const failures = await failuresOf('swiglu', { swiglu: unstable });
    const titles = failures.map(({ title }) => title);
    expect(titles).toEqual(['values of ±88 and ±104', 'values of ±1e4']);
    expect(failures[0]).toMatchObject({ error: Infinity, passed: false, own: true });
  });

  test('is caught where it takes the tanh for the exact GELU', async () => {
    const titles = (
      await failuresOf('gelu', { gelu: (args, save) => geluByTanh({ ...args, approximate: 'tanh' }, save) })
    ).map(({ title }) => title);
    expect(titles).toContain('values about 5, exact');
    expect(titles.filter((title) => title.endsWith('by tanh'))).toEqual([]);
  });

  test('is caught where it gives another shape or dtype', async () => {
    const flat: Kernels['residual'] = ({ x, y }) => ({ value: reshape(add(x, y), [-1]), gradient: (dy) => [dy, dy] });
    expect(await sentences('residual', { residual: flat })).toContainEqual(
      expect.stringContaining('[3, 7] is expected'),
    );
    const integers: Kernels['residual'] = ({ x, y }) => ({
      value: cast(add(x, y), 'int32'),
      gradient: (dy) => [dy, dy],
    });
    expect(await sentences('residual', { residual: integers })).toContainEqual(
      expect.stringContaining('its value is int32'),
    );
  });

  test('is caught where it mixes up the halves of a packed byte', async () => {
    const swapped: Kernels['dequantise'] = (weight) => {
      const right = dequantised(weight)!;
      if (weight.format === 'int8') return right;
      const [features, out] = weight.shape;
      const values = right.dataSync();
      return tensor2d(
        values.map((value, at) => values[at % features === features - 1 ? at : at ^ 1] ?? value),
        [out, features],
      );
    };
    const titles = (await failuresOf('dequantise', { dequantise: swapped })).map(({ title }) => title);
    expect(titles).toContain('nf4 in blocks of 64, 128 to a row');
    expect(titles.filter((title) => title.startsWith('int8'))).toEqual([]);
  });

  test('is caught where an update forgets the bias correction, or changes weights in place', async () => {
    const forgetful: Kernels['adamw'] = ({ parameters, gradients, m, v, learningRate, beta1, beta2 }) => ({
      parameters: parameters.map((parameter, index) => sub(parameter, mul(gradients[index]!, learningRate))),
      m: m.map((old, index) => add(mul(old, beta1), mul(gradients[index]!, 1 - beta1))),
      v: v.map((old, index) => add(mul(old, beta2), mul(square(gradients[index]!), 1 - beta2))),
    });
    expect(await sentences('adamw', { adamw: forgetful })).toContainEqual(expect.stringMatching(/^parameter 0 is off/));
    const inPlace: Kernels['adamw'] = ({ parameters }) => {
      for (const parameter of parameters) if (parameter.size > 0) parameter.dataSync()[0]! += 1;
      return undefined;
    };
    expect(await sentences('adamw', { adamw: inPlace })).not.toEqual([]);
  });

  test('is caught in a whole training step too', async () => {
    const norm: Kernels['rmsNorm'] = ({ x, weight, epsilon }, save) => {
      const inverse = rsqrt(add(mean(square(x), -1, true), epsilon));
      save([inverse]);
      return { value: mul(mul(x, inverse), weight), gradient: (dy, [r]) => [mul(mul(dy, weight), r!)] };
    };
    const titles = (await failuresOf('trainingStep', { rmsNorm: norm })).map(({ title }) => title);
    expect(titles).toContain('a Llama of two layers, 5 steps');
    expect(titles).not.toContain('a BERT of two layers, 5 steps');
  });

  test('is caught where a kernel throws, and the cases after it still run', async () => {
    const throwing: Kernels['residual'] = ({ x }) => {
      if (x.size === 1) throw new RangeError('no room');
      return undefined;
    };
    const failures = await failuresOf('residual', { residual: throwing });
    expect(failures).toEqual([expect.objectContaining({ title: 'one value', failure: 'no room', error: Infinity })]);
  });
});

test('a backend that does not start is an error, and no report', async () => {
  await useBackend(cpu());
  const absent = { name: 'nowhere', init: async () => {}, capabilities: () => ({ threads: 1 }) };
  await expect(runConformance(absent)).rejects.toMatchObject({ code: 'backend-unavailable' });
  expect(ones([1]).dataSync()[0]).toBe(1);
});
