import {
  cast,
  div,
  matMul,
  mul,
  neg,
  reshape,
  square,
  sum,
  where,
  zerosLike,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';

const add: GradConfig = {
  kernelName: 'Add',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor];
    return { a: () => sumTo(one(dy), a.shape), b: () => sumTo(one(dy), b.shape) };
  },
};

const subtract: GradConfig = {
  kernelName: 'Sub',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor];
    return { a: () => sumTo(one(dy), a.shape), b: () => sumTo(neg(one(dy)), b.shape) };
  },
};

const multiply: GradConfig = {
  kernelName: 'Multiply',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor];
    return {
      a: () => sumTo(mul(one(dy), cast(b, 'float32')), a.shape),
      b: () => sumTo(mul(one(dy), cast(a, 'float32')), b.shape),
    };
  },
};

const divide: GradConfig = {
  kernelName: 'RealDiv',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved) => {
    const [a, b] = saved as [Tensor, Tensor];
    return {
      a: () => sumTo(div(one(dy), cast(b, 'float32')), a.shape),
      b: () => sumTo(neg(div(mul(one(dy), a), square(cast(b, 'float32')))), b.shape),
    };
  },
};

const addMany: GradConfig = {
  kernelName: 'AddN',
  saveAllInputs: true,
  gradFunc: (dy, saved) => Object.fromEntries(saved.map((_, index) => [index, () => one(dy)])),
};

const batchMatMul: GradConfig = {
  kernelName: 'BatchMatMul',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, saved, attrs) => {
    const [a, b] = saved as [Tensor, Tensor];
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const d = one(dy);
    return {
      a: () => (transposeA ? matMul(b, d, transposeB, true) : matMul(d, b, false, !transposeB)),
      b: () => (transposeB ? matMul(d, a, true, transposeA) : matMul(a, d, !transposeA, false)),
    };
  },
};

const select: GradConfig = {
  kernelName: 'Select',
  inputsToSave: ['condition'],
  gradFunc: (dy, saved) => {
    const condition = saved[0] as Tensor;
    const d = one(dy);
    return {
      condition: () => zerosLike(cast(condition, 'float32')),
      t: () => where(condition, d, zerosLike(d)),
      e: () => where(condition, zerosLike(d), d),
    };
  },
};

export const arithmeticGradients = [add, subtract, multiply, divide, addMany, batchMatMul, select];

/** tfjs's type allows several outputs; these kernels have one. */
function one(dy: Tensor | Tensor[]): Tensor {
  return Array.isArray(dy) ? (dy[0] as Tensor) : dy;
}

/** Undoes broadcasting: sums a gradient over the axes along which `shape` was repeated. */
function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const lead = gradient.shape.length - shape.length;
  const repeated = gradient.shape.flatMap((side, axis) =>
    axis < lead || (shape[axis - lead] === 1 && side !== 1) ? [axis] : [],
  );
  return reshape(repeated.length > 0 ? sum(gradient, repeated) : gradient, shape);
}
