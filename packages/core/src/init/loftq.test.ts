import { BlockWeight, denseWeight, FrozenLinear, hostOf, initialFactors, loftq, planAdapter } from '@lowrank/core';
import { describe, errorOf, expect, expectClose, it, matMul64, type Tensors } from '@lowrank/testing';
import { tidy, transpose, type Tensor2D } from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { golden } from '../../test/golden.js';

interface Golden {
  /** `[in, out]` */
  shape: [number, number];
  rank: number;
  weight: number[];
  /** As bitsandbytes packs it. */
  packed: number[];
  product: number[];
}

const theirs = JSON.parse(readFileSync(golden('lora-start/loftq.json'), 'utf8')) as Golden;
const [features, out] = theirs.shape;

describe('loftq', () => {
  it.onEachBackend(
    "gives PEFT's product on the weight that bitsandbytes packs too, by any scaling",
    async ({ tensors }) => {
      const { weight, packed, layer } = setUp(tensors);
      expectClose(layer, theirs.packed, { atol: 1e-6, because: 'the same codes, and scales to a rounding' });
      for (const scaling of [1, 2.5]) {
        const { a, b } = await loftq(weight, packed, { rank: theirs.rank, scaling });
        const product = matMul64(a, b, [features, theirs.rank, out]).map((value) => scaling * value);
        expectClose(product, theirs.product, { atol: 2e-6, because: 'PEFT decomposes in float32 what is 0.1 large' });
      }
      packed.dispose();
      layer.dispose();
    },
  );

  it.onEachBackend(
    'leaves less of the weight missing than packing did, the more so the higher the rank',
    async ({ tensors }) => {
      const { weight, packed, layer } = setUp(tensors);
      const lost = Float64Array.from(theirs.weight, (value, at) => value - layer.dataSync()[at]!);
      const missing = [norm(lost)];
      for (const rank of [1, 4, 12, out]) {
        const { a, b } = await loftq(weight, packed, { rank, scaling: 2 });
        const made = matMul64(a, b, [features, rank, out]);
        missing.push(norm(lost.map((value, at) => value - 2 * made[at]!)));
      }
      expect(missing).toEqual(missing.toSorted((left, right) => right - left));
      // Of rank 20 of a [128, 20] matrix nothing is missing but rounding.
      expect(missing.at(-1)! / missing[0]!).toBeLessThan(1e-5);
      packed.dispose();
      layer.dispose();
    },
  );

  it.onEachBackend(
    'is refused without packing, without the weights from before, and where they are the same',
    async ({ tensors }) => {
      const { packed, layer } = setUp(tensors);
      const host = hostOf({ packed: new FrozenLinear(packed), dense: new FrozenLinear(layer) });
      const plan = (name: string) => planAdapter({ rank: 2, targetModules: [name], init: 'loftq' }, host.modules());
      const dense = async () => ({ shape: [features, out], data: layer.dataSync().slice() as Float32Array });
      expect(await errorOf(() => initialFactors(plan('dense'), host, { dense }))).toMatchObject({
        code: 'config-unsupported',
        rule: 'it makes up for packing, and the weight is dense',
      });
      expect(await errorOf(() => initialFactors(plan('packed'), host))).toMatchObject({ code: 'config-invalid' });
      const error = await errorOf(() => initialFactors(plan('packed'), host, { dense }));
      expect(error.message).toMatch(/^init "loftq" for a weight that is the same packed/);
      const turned = async () => ({ shape: [out, features], data: new Float32Array(features * out) });
      expect(await errorOf(() => initialFactors(plan('packed'), host, { dense: turned }))).toMatchObject({
        code: 'shape-mismatch',
        given: 'initialFactors: dense("packed") of shape [20, 128]',
      });
      layer.dispose();
      packed.dispose();
    },
  );
});

function setUp(tensors: Tensors) {
  const weight = tensors.of(theirs.weight, theirs.shape) as Tensor2D;
  const rows = tidy(() => transpose(weight).dataSync().slice() as Float32Array);
  const packed = BlockWeight.fromRows(rows, [out, features], 'nf4');
  const layer = denseWeight(packed);
  return { weight, packed, layer };
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0));
}
