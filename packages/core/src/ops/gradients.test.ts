import { checkOp, describe, erf64, it, mapped, matMul64 } from '@lowrank/testing';
import {
  add,
  addN,
  concat,
  div,
  erf,
  exp,
  expandDims,
  gather,
  log,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  relu,
  reshape,
  rsqrt,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  square,
  stack,
  sub,
  sum,
  tanh,
  tensor1d,
  transpose,
  unstack,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

const close = { atol: 1e-5, because: 'a few float32 operations' };

type Unary = [name: string, op: (x: Tensor) => Tensor, f: (x: number) => number];

const unary: Unary[] = [
  ['neg', neg, (x) => -x],
  ['exp', exp, Math.exp],
  ['log of x²', (x) => log(square(x)), (x) => Math.log(x * x)],
  ['sqrt of exp', (x) => sqrt(exp(x)), (x) => Math.exp(x / 2)],
  ['rsqrt of exp', (x) => rsqrt(exp(x)), (x) => Math.exp(-x / 2)],
  ['square', square, (x) => x * x],
  ['relu', relu, (x) => Math.max(0, x)],
  ['sigmoid', sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ['tanh', tanh, Math.tanh],
  ['erf', erf, erf64],
];

describe('the gradients that plain tfjs-core lacks', () => {
  for (const [name, op, f] of unary) {
    it.onEachBackend(name, ({ tensors }) => {
      const atol = name === 'erf' ? 2e-4 : close.atol;
      const because = name === 'erf' ? "tfjs's kernels approximate erf by a polynomial" : close.because;
      checkOp({ inputs: [tensors.randn([2, 3])], op, reference: (x) => mapped(x, f), atol, because });
    });
  }

  for (const [name, op, f] of [
    ['add', add, (x: number, y: number) => x + y],
    ['sub', sub, (x: number, y: number) => x - y],
    ['mul', mul, (x: number, y: number) => x * y],
    ['div by exp', (x: Tensor, y: Tensor) => div(x, exp(y)), (x: number, y: number) => x / Math.exp(y)],
    ['addN', (x: Tensor, y: Tensor) => addN([x, reshape(concat([y, y]), [2, 3])]), (x: number, y: number) => x + y],
  ] as const) {
    it.onEachBackend(`${name}, the second input broadcast over rows`, ({ tensors }) => {
      checkOp({
        inputs: [tensors.randn([2, 3]), tensors.randn([3])],
        op: (x, y) => op(x as Tensor, y as Tensor),
        reference: (x, y) => mapped(x, (value, i) => f(value, y[i % 3] as number)),
        ...close,
      });
    });
  }

  for (const [transposeA, transposeB] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    it.onEachBackend(`matMul with transposeA ${transposeA} and transposeB ${transposeB}`, ({ tensors }) => {
      checkOp({
        inputs: [tensors.randn(transposeA ? [4, 2] : [2, 4]), tensors.randn(transposeB ? [3, 4] : [4, 3])],
        op: (a, b) => matMul(a, b, transposeA, transposeB),
        reference: (a, b) => matMul64(transposeA ? flip(a, 4, 2) : a, transposeB ? flip(b, 3, 4) : b, [2, 4, 3]),
        ...close,
      });
    });
  }

  it.onEachBackend('sum and mean over an axis, kept or not', ({ tensors }) => {
    const x = tensors.randn([2, 3]);
    const rows = (x: Float64Array) =>
      [0, 1].map((row) => (x[row * 3] as number) + (x[row * 3 + 1] as number) + (x[row * 3 + 2] as number));
    checkOp({ inputs: [x], op: (x) => sum(x, 1), reference: rows, ...close });
    checkOp({ inputs: [x], op: (x) => sum(x, -1, true), reference: rows, ...close });
    checkOp({ inputs: [x], op: (x) => mean(x, 1), reference: (x) => rows(x).map((value) => value / 3), ...close });
    checkOp({ inputs: [x], op: (x) => mean(x), reference: (x) => [x.reduce((t, v) => t + v, 0) / 6], ...close });
  });

  it.onEachBackend('softmax and logSoftmax', ({ tensors }) => {
    const x = tensors.randn([2, 3]);
    const total = (x: Float64Array, i: number) =>
      [0, 1, 2].reduce((t, j) => t + Math.exp(x[Math.floor(i / 3) * 3 + j] as number), 0);
    checkOp({
      inputs: [x],
      op: (x) => softmax(x),
      reference: (x) => mapped(x, (v, i) => Math.exp(v) / total(x, i)),
      ...close,
    });
    checkOp({
      inputs: [x],
      op: (x) => logSoftmax(x),
      reference: (x) => mapped(x, (v, i) => v - Math.log(total(x, i))),
      ...close,
    });
  });

  it.onEachBackend('reshape, expandDims, transpose and slice move gradients with their values', ({ tensors }) => {
    const x = tensors.randn([2, 3]);
    checkOp({ inputs: [x], op: (x) => expandDims(reshape(x, [3, 2]), 1), reference: (x) => x, ...close });
    checkOp({ inputs: [x], op: (x) => transpose(x), reference: (x) => flip(x, 2, 3), ...close });
    checkOp({
      inputs: [x],
      op: (x) => slice(x, [0, 1], [2, 2]),
      reference: (x) => [1, 2, 4, 5].map((i) => x[i] as number),
      ...close,
    });
  });

  it.onEachBackend('concat, split, stack and unstack move gradients with their values', ({ tensors }) => {
    const [x, y, z] = [tensors.randn([2, 2]), tensors.randn([2, 1]), tensors.randn([2, 1])];
    const beside = (x: Float64Array, y: Float64Array) => [x[0], x[1], y[0], x[2], x[3], y[1]] as number[];
    checkOp({ inputs: [x, y], op: (x, y) => concat([x, y], 1), reference: beside, ...close });
    checkOp({
      inputs: [x],
      op: (x) => mul(...(split(x, 2, 1) as [Tensor, Tensor])),
      reference: (x) => [x[0]! * x[1]!, x[2]! * x[3]!],
      ...close,
    });
    checkOp({
      inputs: [x],
      op: (x) => mul(...(unstack(x, 0) as [Tensor, Tensor])),
      reference: (x) => [x[0]! * x[2]!, x[1]! * x[3]!],
      ...close,
    });
    checkOp({ inputs: [y, z], op: (x, y) => stack([x, y], 0), reference: (x, y) => [...x, ...y], ...close });
  });

  it.onEachBackend('where sends each gradient to the side it came from', ({ tensors }) => {
    const [x, y] = [tensors.randn([4]), tensors.randn([4])];
    const left = tensor1d([1, 0, 0, 1], 'bool');
    checkOp({
      inputs: [x, y],
      op: (x, y) => where(left, x, y),
      reference: (x, y) => mapped(x, (v, i) => ([0, 3].includes(i) ? v : (y[i] as number))),
      ...close,
    });
    left.dispose();
  });

  it.onEachBackend('gather adds up the gradients of a row read twice', ({ tensors }) => {
    const ids = tensors.of([2, 0, 2], [3], 'int32');
    checkOp({
      inputs: [tensors.randn([3, 2])],
      op: (table) => gather(table, ids),
      reference: (t) => [t[4], t[5], t[0], t[1], t[4], t[5]] as number[],
      ...close,
    });
  });
});

/** The transpose of a `[rows, columns]` matrix. */
function flip(x: Float64Array, rows: number, columns: number): Float64Array {
  return mapped(x, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)] as number);
}
