import { describe, expect, expectClose, it } from '@lowrank/testing';
import {
  keep,
  matMul,
  memory,
  mul,
  randomNormal,
  scalar,
  square,
  sum,
  tidy,
  transpose,
  variable,
  variableGrads,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { gelu } from './gelu.js';
import { leanGradients } from './lean-gradients.js';
import { loraLinear } from './lora-linear.js';
import { residual } from './residual.js';

describe('lean gradients', () => {
  it.onEachBackend('are those of tfjs, to the bit, where values and variables are read more than once', () => {
    const [a, b] = [owned(normal([6, 2], 1)), owned(normal([2, 6], 2))];
    const [x, weight] = [normal([5, 6], 3), normal([6, 6], 4)];
    const layer = (x: Tensor) =>
      loraLinear(x, { weight, a: a as Tensor as Tensor2D, b: b as Tensor as Tensor2D, scaling: 2 });
    const loss = (): Scalar => {
      const first = layer(x);
      const second = layer(gelu(first, { approximate: 'tanh' }));
      const both = residual(residual(first, second), mul(first, second));
      return sum(square(matMul(both as Tensor2D, transpose(both))));
    };
    const expected = tidy(() => variableGrads(loss, [a, b]));
    const before = memory().numTensors;
    const { value, grads } = tidy(() => leanGradients(loss, [a, b], scalar(1)));
    expect(memory().numTensors - before).toBe(3);
    const exactly = { atol: 0, because: 'the same sums in the same order' };
    expectClose(value, expected.value, exactly);
    [a, b].forEach(({ name }, at) => expectClose(grads[at]!, expected.grads[name]!, exactly));
    free(a, b, x, weight, value, expected.value, ...grads, ...Object.values(expected.grads));
  });

  it('hold less and less of what was kept, op by op, and no gradient but the last', () => {
    const w = owned(normal([8, 8], 1));
    const held: number[] = [];
    // Each keeps 100 values for its gradient, and looks how much there is when that is asked for.
    const heavy = (x: Tensor) =>
      customOp([x], ([x], save) => {
        save([normal([10, 10], 2)]);
        return { value: mul(x, 2), gradient: (dy) => (held.push(memory().numBytes), [mul(dy, 2)]) };
      });
    const both = (x: Tensor) => residual(heavy(x), x);
    const loss = (): Scalar => sum(both(both(both(both(both(w))))));
    const { value, grads } = tidy(() => leanGradients(loss, [w], scalar(1)));
    expect(held.slice(1).map((bytes, at) => bytes - held[at]!)).toEqual(Array(4).fill(-400));
    free(w, value, ...grads);
  });

  it('leave alone what is not theirs: the first dy, a constant, what was saved and is given as a gradient', () => {
    const w = owned(scalar(3));
    const [constant, dy] = [keep(scalar(5)), scalar(7)];
    const fixed = (x: Tensor) => customOp([x], ([x]) => ({ value: mul(x, 1), gradient: () => [constant] }));
    const same = (x: Tensor, y: Tensor) =>
      customOp([x, y], ([x, y]) => ({ value: mul(x, y), gradient: (dy) => [dy, dy] }));
    const remembered = (x: Tensor) =>
      customOp([x], ([x], save) => {
        save([x]);
        return { value: mul(x, 1), gradient: (_, [x]) => [x as Tensor] };
      });
    const loss = (): Scalar => same(fixed(mul(w, 2)), remembered(mul(w, 4))) as Scalar;
    const { value, grads } = tidy(() => leanGradients(loss, [w], dy));
    // Through `fixed` 2 · 5, through `remembered` 4 times its own input, 12.
    expect([value, grads[0]!].map((tensor) => tensor.dataSync()[0])).toEqual([72, 2 * 5 + 4 * 12]);
    expect([constant, dy].map((tensor) => tensor.dataSync()[0])).toEqual([5, 7]);
    free(w, constant, dy, value, ...grads);
  });

  it('are undefined for a variable that the loss does not reach, and leave nothing where the loss throws', () => {
    const [reached, other] = [owned(scalar(3)), owned(scalar(4))];
    const { value, grads } = tidy(() => leanGradients(() => square(reached) as Scalar, [reached, other], scalar(1)));
    expect([grads[0]!.dataSync()[0], grads[1]]).toEqual([6, undefined]);
    const failing = () => {
      square(reached);
      throw new Error('half-way');
    };
    expect(() => tidy(() => leanGradients(failing, [reached], scalar(1)))).toThrow('half-way');
    free(reached, other, value, grads[0]!);
  });
});

function owned(initial: Tensor): Variable {
  const made = variable(initial);
  initial.dispose();
  return made;
}

const normal = (shape: [number, number], seed: number) => randomNormal(shape, 0, 1, 'float32', seed) as Tensor2D;

function free(...tensors: (Tensor | undefined)[]): void {
  tensors.forEach((tensor) => tensor?.dispose());
}
