import { crossEntropy, gelu, layerNorm, rmsNorm, rotary, swiglu } from '@lowrank/core';
import { erf64 } from '@lowrank/testing';
import { tensor, tensor1d, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { random, type OpCheck } from './op-check.js';

/** Ops on rows and on single values. */
export function checksByRow(): OpCheck[] {
  const [rows, hidden] = [3, 300];
  const weight = random([hidden], 50);
  const bias = random([hidden], 51);
  const own = <T>(values: Float32Array) => tensor1d(values) as T;
  const targets = Int32Array.of(2, -100, 0, 299, 7);
  return [
    {
      name: 'rmsNorm',
      shapes: [[rows, hidden]],
      op: (x) => rmsNorm(x, own<Tensor1D>(weight), 1e-6),
      reference: (x) => perRow(x, hidden, (row) => scaled(row, 0, meanOf(row, (v) => v * v) + 1e-6, weight)),
      atol: 2e-6,
    },
    {
      name: 'layerNorm',
      shapes: [[rows, hidden]],
      op: (x) => layerNorm(x, own<Tensor1D>(weight), own<Tensor1D>(bias), 1e-5),
      reference: (x) =>
        perRow(x, hidden, (row) => {
          const mean = meanOf(row, (v) => v);
          return scaled(row, mean, meanOf(row, (v) => (v - mean) ** 2) + 1e-5, weight).map(
            (v, index) => v + (bias[index] as number),
          );
        }),
      atol: 2e-6,
    },
    ...(['none', 'tanh'] as const).map((approximate) => ({
      name: `gelu ${approximate}`,
      shapes: [[5, 101]],
      spread: 3,
      op: (x: Tensor) => gelu(x, { approximate }),
      reference: (x: Float64Array) => x.map(approximate === 'none' ? gelu64 : geluTanh64),
      atol: 5e-6,
    })),
    {
      name: 'swiglu',
      shapes: [
        [5, 61],
        [5, 61],
      ],
      spread: 3,
      op: (gate, up) => swiglu(gate, up),
      reference: (gate, up) => gate.map((g, index) => (g / (1 + Math.exp(-g))) * (up[index] as number)),
      atol: 2e-6,
    },
    {
      name: 'rotary',
      shapes: [[2, 3, 5, 8]],
      op: (x) => rotary(x, ...(angles(5, 4).map((values) => tensor(values, [5, 4])) as [Tensor2D, Tensor2D])),
      reference: (x) => rotated(x, angles(5, 4), 5, 4),
      atol: 1e-6,
    },
    {
      name: 'crossEntropy',
      shapes: [[5, 300]],
      op: (logits) => crossEntropy(logits as Tensor2D, targets),
      reference: (logits) => Float64Array.of(crossEntropy64(logits, targets, 300)),
      atol: 2e-6,
    },
    {
      name: 'crossEntropy at logits in the thousands',
      shapes: [[5, 300]],
      spread: 1000,
      op: (logits) => crossEntropy(logits as Tensor2D, targets),
      reference: (logits) => Float64Array.of(crossEntropy64(logits, targets, 300)),
      atol: 1e-5,
    },
  ];
}

function perRow(x: Float64Array, width: number, of: (row: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += width) out.set(of(x.subarray(at, at + width)), at);
  return out;
}

function meanOf(row: Float64Array, of: (value: number) => number): number {
  return row.reduce((sum, value) => sum + of(value), 0) / row.length;
}

function scaled(row: Float64Array, mean: number, squares: number, weight: Float32Array): Float64Array {
  return row.map((value, index) => ((value - mean) / Math.sqrt(squares)) * (weight[index] as number));
}

function geluTanh64(x: number): number {
  return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

function gelu64(x: number): number {
  return (x / 2) * (1 + erf64(x / Math.SQRT2));
}

function angles(seq: number, half: number): [cos: Float32Array, sin: Float32Array] {
  const angle = Float32Array.from(
    { length: seq * half },
    (_, index) => Math.floor(index / half) * 0.3 ** (index % half),
  );
  return [angle.map(Math.cos), angle.map(Math.sin)];
}

function rotated(x: Float64Array, [cos, sin]: [Float32Array, Float32Array], seq: number, half: number): Float64Array {
  return x.map((value, index) => {
    const feature = index % (2 * half);
    const angle = (Math.floor(index / (2 * half)) % seq) * half + (feature % half);
    const partner = feature < half ? -(x[index + half] as number) : (x[index - half] as number);
    return value * (cos[angle] as number) + partner * (sin[angle] as number);
  });
}

function crossEntropy64(logits: Float64Array, targets: Int32Array, vocab: number): number {
  let [total, count] = [0, 0];
  targets.forEach((target, row) => {
    if (target === -100) return;
    const values = logits.subarray(row * vocab, (row + 1) * vocab);
    const most = values.reduce((a, b) => Math.max(a, b));
    const sum = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
    total += most + Math.log(sum) - (values[target] as number);
    count++;
  });
  return total / count;
}
