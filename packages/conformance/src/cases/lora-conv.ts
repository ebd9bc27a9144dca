import { loraConv, type ConvGeometry } from '@lowrank/core';
import { tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { opCase, type OpSetup } from '../op-case.js';
import { conv64 } from '../reference/conv64.js';
import { scaled64, sum64 } from '../reference/matrix64.js';
import { randn } from '../values.js';

const scaling = 1.5;

/** `x * W + scaling · (x' * A) * B`: the gradients of x, of the adapter's own input, of A and of B. */
export const loraConvCases: ConformanceCase[] = [
  one('one value', { x: [1, 1, 1, 1], kernel: [1, 1], out: 1, rank: 1 }),
  one('padding', { x: [2, 5, 6, 3], kernel: [3, 3], out: 4, rank: 2, padding: 'same' }),
  one('strides', { x: [1, 7, 8, 3], kernel: [3, 2], out: 5, rank: 3, strides: [2, 3] }),
  one('an input of its own for the adapter', { x: [1, 5, 5, 3], kernel: [3, 3], out: 4, rank: 2, dropped: true }),
  one('a kernel of one place', { x: [2, 4, 5, 7], kernel: [1, 1], out: 6, rank: 3 }),
  one('dilations that A leaves out', {
    x: [1, 6, 6, 2],
    kernel: [3, 3],
    out: 3,
    rank: 2,
    padding: 'same',
    dilations: [2, 2],
  }),
  one('groups that A leaves out', { x: [1, 5, 5, 6], kernel: [3, 3], out: 9, rank: 6, padding: 'same', groups: 3 }),
  one('a whole layer', { x: [2, 16, 17, 64], kernel: [3, 3], out: 32, rank: 8, padding: 'same', large: true }),
];

type Shape4D = [number, number, number, number];

interface Plan extends Partial<ConvGeometry> {
  x: number[];
  kernel: [number, number];
  out: number;
  rank: number;
  dropped?: boolean;
  large?: boolean;
}

function one(title: string, { large = false, ...plan }: Plan): ConformanceCase {
  return opCase({ op: 'loraConv', title, large, setup: () => setup(plan) });
}

function setup({ x, kernel, out, rank, dropped = false, ...rest }: Plan): OpSetup {
  const geometry: ConvGeometry = { strides: [1, 1], dilations: [1, 1], padding: 'valid', groups: 1, ...rest };
  const { strides, padding, groups } = geometry;
  const features = x[3] as number;
  const places = kernel.reduce((product, side) => product * side, features);
  const shapes = {
    weight: [...kernel, features / groups, out],
    a: [...kernel, features, rank],
    b: [1, 1, rank / groups, out],
  } satisfies Record<string, Shape4D>;
  const weight = randn(shapes.weight, 2, Math.sqrt(groups / places)).data;
  const base = conv64({ x, kernel: shapes.weight, ...geometry });
  const down = conv64({ x, kernel: shapes.a, strides, padding, dilations: [1, 1], groups: 1 });
  const up = conv64({
    x: down.shape,
    kernel: shapes.b,
    ...{ strides: [1, 1], padding: 'valid', dilations: [1, 1] },
    groups,
  });
  return {
    inputs: [
      randn(x, 1),
      ...(dropped ? [randn(x, 6)] : []),
      randn(shapes.a, 4, 1 / Math.sqrt(places)),
      randn(shapes.b, 5, Math.sqrt(groups / rank)),
    ],
    shape: base.shape,
    make: (own) => {
      const frozen = { weight: own(tensor(weight.slice(), shapes.weight)) as Tensor4D, scaling, geometry };
      return (x, ...rest) => {
        const [b, a] = [rest.pop() as Tensor4D, rest.pop() as Tensor4D];
        return loraConv(x, { ...frozen, a, b }, rest[0]);
      };
    },
    reference: (x, ...rest) => {
      const [b, a] = [rest.pop() as Float64Array, rest.pop() as Float64Array];
      const input = rest[0] ?? x;
      const hidden = down.value(input, a);
      return {
        value: sum64(base.value(x, weight), up.value(hidden, b), scaling),
        gradient: (dy) => {
          const through = scaled64(dy, scaling);
          const dHidden = up.inputGradient(through, b);
          const [dx, dInput] = [base.inputGradient(dy, weight), down.inputGradient(dHidden, a)];
          const factors = [down.kernelGradient(dHidden, input), up.kernelGradient(through, hidden)];
          return dropped ? [dx, dInput, ...factors] : [sum64(dx, dInput), ...factors];
        },
      };
    },
  };
}
