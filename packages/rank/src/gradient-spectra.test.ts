import { FrozenLinear, hostOf, planAdapter, randomFloats, topSingular } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { gradientSpectra } from '@lowrank/rank';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { mean, mul, relu, square, tensor2d, tidy, type Scalar } from '@tensorflow/tfjs-core';
import { Matrix } from 'ml-matrix';

const [inputs, hidden, outputs] = [14, 18, 10];
const weights = {
  first: randomFloats(inputs * hidden, { distribution: 'normal', seed: 1 }),
  second: randomFloats(hidden * outputs, { distribution: 'normal', seed: 2 }),
};

/** Batches of two sizes, of inputs of few directions, so that the gradient's spectrum falls. */
function batch(index: number): { x: Float32Array; rows: number } {
  const rows = index % 2 === 0 ? 6 : 9;
  const basis = randomFloats(3 * inputs, { distribution: 'normal', seed: 99 });
  const shares = randomFloats(3 * rows, { distribution: 'normal', seed: 10 + index });
  const noise = randomFloats(rows * inputs, { distribution: 'normal', seed: 50 + index });
  const x = noise.map((value, at) => {
    const [row, column] = [Math.floor(at / inputs), at % inputs];
    const sum = [0, 1, 2].reduce((total, term) => total + shares[row * 3 + term]! * basis[term * inputs + column]!, 0);
    return sum + 0.02 * value;
  });
  return { x, rows };
}

const batches = { at: batch, weight: ({ rows }: { rows: number }) => rows };

/** The gradients of mean(relu(x W1) W2)² / 2, weighted by rows, in float64. */
function gradients(steps: number): { first: Matrix; second: Matrix } {
  const [w1, w2] = [new Matrix(inputs, hidden), new Matrix(hidden, outputs)];
  w1.apply((row, column) => w1.set(row, column, weights.first[row * hidden + column]!));
  w2.apply((row, column) => w2.set(row, column, weights.second[row * outputs + column]!));
  let [first, second] = [Matrix.zeros(inputs, hidden), Matrix.zeros(hidden, outputs)];
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const { x, rows } = batch(step);
    const input = Matrix.from1DArray(rows, inputs, Array.from(x));
    const before = input.mmul(w1);
    const h = Matrix.zeros(rows, hidden);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < hidden; column++) h.set(row, column, Math.max(0, before.get(row, column)));
    const dy = h.mmul(w2).mul(1 / (rows * outputs));
    const dh = dy.mmul(w2.transpose());
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < hidden; column++) if (before.get(row, column) <= 0) dh.set(row, column, 0);
    first = first.add(input.transpose().mmul(dh).mul(rows));
    second = second.add(h.transpose().mmul(dy).mul(rows));
    total += rows;
  }
  return { first: first.mul(1 / total), second: second.mul(1 / total) };
}

/** All singular values, by another method than that which finds them in a sketch. */
function byLanczos(matrix: Matrix): number[] {
  const { rows, columns } = matrix;
  return topSingular({ values: matrix.to1DArray(), rows, columns }, columns).map(({ value }) => value);
}

function build(rank: number) {
  const first = new FrozenLinear(tensor2d(weights.first, [inputs, hidden]));
  const second = new FrozenLinear(tensor2d(weights.second, [hidden, outputs]));
  const host = hostOf({ first, second });
  const manager = new LoraManager(host);
  manager.add('probe', planAdapter({ rank, alpha: 3 * rank, targetModules: ['first', 'second'] }, host.modules()));
  const loss = ({ x, rows }: { x: Float32Array; rows: number }): Scalar =>
    tidy(() => {
      const h = relu(host.get('first').forward(tensor2d(x, [rows, inputs])));
      return mul(mean(square(host.get('second').forward(h))), 0.5) as Scalar;
    });
  return {
    manager,
    loss,
    [Symbol.dispose]() {
      manager.dispose();
      first.dispose();
      second.dispose();
    },
  };
}

describe('gradientSpectra', () => {
  it('finds the singular values of the gradient of the frozen weights, through the factors of an adapter', async () => {
    using built = build(10);
    const parameters = built.manager.parameters('probe');
    const spectra = await gradientSpectra({ parameters, loss: built.loss, batches }, { steps: 5 });
    const exact = gradients(5);
    for (const path of ['first', 'second'] as const) {
      const values = byLanczos(exact[path]);
      const found = spectra.get(path)!;
      expectClose(found.values, values.slice(0, 10), {
        atol: 2e-5 * values[0]!,
        because: 'float32, and a range of all that matters',
      });
    }
  });

  it('is near with fewer ranks than directions, nearer with more passes, and never above', async () => {
    const values = byLanczos(gradients(4).second);
    const energy = values.reduce((sum, value) => sum + value ** 2, 0);
    const errors: number[] = [];
    for (const passes of [2, 3, 6]) {
      using built = build(4);
      const parameters = built.manager.parameters('probe');
      const found = (await gradientSpectra({ parameters, loss: built.loss, batches }, { steps: 4, passes })).get(
        'second',
      )!;
      found.values.forEach((value, at) => expect(value).toBeLessThanOrEqual(values[at]! * (1 + 1e-4)));
      errors.push(values[1]! - found.values[1]!);
      expect(found.energy / energy).toBeGreaterThan(0.3);
      expect(found.energy / energy).toBeLessThan(3);
    }
    expect(errors[0]! / values[1]!).toBeLessThan(0.2);
    expect(errors[2]).toBeLessThanOrEqual(errors[0]! + 1e-6);
    expect(errors[2]! / values[1]!).toBeLessThan(0.01);
  });

  it('refuses options, adapters and data that show no gradient', async () => {
    using built = build(2);
    const parameters = built.manager.parameters('probe');
    const { loss } = built;
    const code = async (work: () => Promise<unknown>) => (await errorOf(work)).code;
    expect(await code(() => gradientSpectra({ parameters, loss, batches }, { passes: 1 }))).toBe('config-invalid');
    expect(await code(() => gradientSpectra({ parameters: [], loss, batches }))).toBe('config-invalid');
    built.manager.activate(undefined);
    expect(await code(() => gradientSpectra({ parameters, loss, batches }))).toBe('config-invalid');
    built.manager.activate('probe');
    const none = { at: batch, weight: () => 0 };
    expect(await code(() => gradientSpectra({ parameters, loss, batches: none }))).toBe('data-invalid');
    const broken = { at: () => ({ x: new Float32Array(2 * inputs).fill(NaN), rows: 2 }), weight: () => 1 };
    expect(await code(() => gradientSpectra({ parameters, loss, batches: broken }))).toBe('not-finite');
    using wide = build(11);
    expect(await code(() => gradientSpectra({ parameters: wide.manager.parameters('probe'), loss, batches }))).toBe(
      'config-invalid',
    );
  });
});
