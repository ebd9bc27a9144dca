import { FrozenLinear, LoraLinear } from '@lowrank/core';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { ConformanceCase } from '../conformance-case.js';
import { compare, worstOf, type Outcome } from '../outcome.js';
import { owning, type Own } from '../owning.js';
import { loraLinear64 } from '../reference/lora-linear64.js';
import type { Tolerance } from '../tolerances.js';
import { randn } from '../values.js';
import { seededWeight, type Packing } from './weights.js';

/** `LoraLinear`'s own promises: merging changes no output, and taking it back gives the base to the bit. */
export const mergedCases: ConformanceCase[] = [
  one('a merged layer'),
  one('a merged layer over int8', { format: 'int8', block: 64 }),
  one('a merged layer over nf4', { format: 'nf4', block: 32 }),
];

function one(title: string, packing?: Packing): ConformanceCase {
  const run = (tolerance: Tolerance) => owning((own) => merging(own, tolerance, packing));
  return { op: 'loraLinear', title, large: false, run };
}

async function merging(own: Own, tolerance: Tolerance, packing?: Packing): Promise<Outcome> {
  const [rows, features, out, rank] = [5, 9, 6, 2];
  const weight = await seededWeight(features, out, 2, packing);
  const base = new FrozenLinear(weight.make(own));
  const layer = own(LoraLinear.fromBase(base, { rank, alpha: 3 }));
  const [x, b] = [randn([rows, features], 1), randn([rank, out], 5)];
  const input = own(tensor(x.data, x.shape));
  tidy(() => layer.b.assign(tensor(b.data, b.shape)));
  const outputOf = (module: { forward: (input: Tensor) => Tensor }) => own(module.forward(input)).data();

  const a = Float64Array.from(await layer.a.data());
  const rows64 = Float64Array.from(x.data);
  const sizes = { weight: weight.values, in: features, out, rank, scaling: 1.5 };
  const expected = loraLinear64(rows64, rows64, a, Float64Array.from(b.data), sizes).value;

  const frozen = await outputOf(base);
  const apart = await outputOf(layer);
  await layer.merge();
  const merged = await outputOf(layer);
  layer.unmerge();
  const again = await outputOf(layer);
  layer.enabled = false;
  const off = await outputOf(layer);
  const exact = { ...tolerance, atol: 0, rtol: 0 };
  return worstOf([
    compare('the output apart', apart, expected, tolerance),
    compare('the output merged', merged, expected, tolerance),
    compare('the output unmerged, to the bit', again, apart, exact),
    compare('the output disabled, to the bit', off, frozen, exact),
  ]);
}
