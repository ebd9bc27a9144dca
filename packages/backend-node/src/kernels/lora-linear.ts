import { BlockWeight, dequantise, type Kernel, type LoraLinearArgs } from '@lowrank/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Formula, Value } from '../graph/formula.js';
import { stored, type Run } from '../graph/load-programs.js';
import { program } from '../graph/program.js';

export const loraLinearPrograms = {
  loraLinear: forward({ biased: false, transposed: false }),
  loraLinearBiased: forward({ biased: true, transposed: false }),
  loraLinearTransposed: forward({ biased: false, transposed: true }),
  loraLinearBiasedTransposed: forward({ biased: true, transposed: true }),
  loraLinearGrad: backward({ apart: false, transposed: false }),
  loraLinearGradApart: backward({ apart: true, transposed: false }),
  loraLinearGradTransposed: backward({ apart: false, transposed: true }),
  loraLinearGradApartTransposed: backward({ apart: true, transposed: true }),
};

/** `transposed` weights lie by outputs, as unpacked ones do. */
function forward({ biased, transposed }: { biased: boolean; transposed: boolean }) {
  return program(['x', 'dropped', 'shapeX', 'weight', 'bias', 'a', 'b', 'scaling'], (f, inputs) => {
    const { x, dropped, shapeX, weight, bias, a, b, scaling } = inputs;
    const hidden = f.mul(f.matMul(f.reshape(dropped, shapeX), a), scaling);
    const share = biased ? withBias(f, hidden, b, bias) : f.matMul(hidden, b);
    return [f.add(f.batchMatMul(f.reshape(x, shapeX), weight, false, transposed), share), hidden];
  });
}

/** `hidden b + bias`, the bias as one more row of `b`: no pass of its own over `[rows, out]`. */
function withBias(f: Formula, hidden: Value, b: Value, bias: Value): Value {
  const rows = f.joined([b, f.reshape(bias, f.constant([1, -1], [2], 'int32'))], 0);
  return f.matMul(f.padded(hidden, [0, 1], 1), rows);
}

/** `apart` leaves the gradient of the adapter's own input one of its own. */
function backward({ apart, transposed }: { apart: boolean; transposed: boolean }) {
  return program(['input', 'a', 'b', 'hidden', 'shapeX', 'weight', 'scaling', 'dy', 'shapeDy'], (f, inputs) => {
    const { a, b, hidden, weight, scaling } = inputs;
    const [input, dy] = [f.reshape(inputs.input, inputs.shapeX), f.reshape(inputs.dy, inputs.shapeDy)];
    const dHidden = f.mul(f.matMul(dy, b, false, true), scaling);
    const dx = f.batchMatMul(dy, weight, false, !transposed);
    const dDropped = f.matMul(dHidden, a, false, true);
    const factors = [f.matMul(input, dHidden, true), f.matMul(hidden, dy, true)];
    return apart ? [dx, dDropped, ...factors] : [f.add(dx, dDropped), ...factors];
  });
}

/** The layer and its adapter in a program each way, which adds the adapter's share in place. */
export function loraLinear(run: Record<keyof typeof loraLinearPrograms, Run>): Kernel<LoraLinearArgs> {
  return ({ x, dropped, weight, bias, a, b, scaling }, save) => {
    const way = weight instanceof BlockWeight ? 'Transposed' : '';
    const dense = () => (weight instanceof BlockWeight ? dequantise(weight) : weight);
    const input = dropped ?? x;
    const forward = run[`loraLinear${bias ? 'Biased' : ''}${way}`];
    const [value, hidden] = forward(stored(x), stored(input), x.shape, dense(), bias ?? 0, a, b, scaling) as [
      Tensor,
      Tensor,
    ];
    save([input, a, b, hidden]);
    return {
      value,
      gradient: (dy, saved) => {
        const [input, ...factors] = saved as [Tensor, ...Tensor[]];
        const backward = run[`loraLinearGrad${dropped ? 'Apart' : ''}${way}`];
        return backward(stored(input), ...factors, x.shape, dense(), scaling, stored(dy), dy.shape);
      },
    };
  };
}
