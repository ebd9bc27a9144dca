import { initialFactors, planAdapter, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it, type Tensors } from '@lowrank/testing';
import { add, dispose, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { smallHost, type SmallHost } from '../test/small-host.js';

const targetModules = ['query', 'value', 'out'];
const inits = ['pissa', 'pissa_niter_2', 'olora'] as const;

async function setUp(tensors: Tensors, input: Partial<LoraConfigInput>) {
  const host = smallHost(tensors);
  const plan = planAdapter({ rank: 2, alpha: 3, targetModules, ...input }, host.modules());
  return { host, plan, manager: new LoraManager(host), x: tensors.randn([3, 5]) };
}

describe('an adapter whose start is computed from the base', () => {
  for (const init of inits) {
    it.onEachBackend(
      `starts as the base, and comes out as plain LoRA that does the same (${init})`,
      async ({ tensors }) => {
        const { host, plan, manager, x } = await setUp(tensors, { init });
        const base = outputOf(host, x);
        const seen: string[] = [];
        const start = await initialFactors(plan, host, { onProgress: ({ path }) => void seen.push(path) });
        expect(seen).toEqual(['layers.0.query', 'layers.0.value', 'layers.1.out']);
        manager.add('poet', plan, { start });
        const close = { atol: 2e-5, because: 'two layers, and a difference of two products in float32' };
        expectClose(outputOf(host, x), base, close);
        for (const { variable } of manager.parameters('poet')) {
          tidy(() => variable.assign(add(variable, tensors.randn(variable.shape))));
        }
        const moved = outputOf(host, x);
        const adapter = await manager.adapter('poet');
        expect(adapter.config).toMatchObject({ rank: 4, alpha: 6, init: 'kaiming' });
        manager.add('plain', adapter);
        manager.activate('plain');
        expectClose(outputOf(host, x), moved, close);
        manager.add('other', planAdapter({ rank: 1, targetModules: ['out'] }, host.modules()));
        manager.activate('other');
        expect(outputOf(host, x)).toEqual(base);
        manager.activate('poet');
        expect(outputOf(host, x)).toEqual(moved);
        manager.dispose();
        expect(outputOf(host, x)).toEqual(base);
      },
    );
  }

  it.onEachBackend('starts alike where its modules are adapted already', async ({ tensors }) => {
    const { host, plan, manager } = await setUp(tensors, { init: 'pissa' });
    const start = await initialFactors(plan, host);
    manager.add('poet', plan, { start });
    expect(await initialFactors(plan, host)).toEqual(start);
    expect(await initialFactors({ ...plan, config: { ...plan.config, init: 'gaussian' } }, host)).toEqual(new Map());
    manager.dispose();
  });

  it.onEachBackend('counts what it started as among its bytes, and takes no swap', async ({ tensors }) => {
    const { host, plan, manager } = await setUp(tensors, { init: 'pissa' });
    manager.add('poet', plan, { start: await initialFactors(plan, host) });
    const parameters = 2 * (5 + 7) + 2 * (5 + 7) + 2 * (7 + 4);
    const [own] = manager.status().adapters;
    expect(own).toMatchObject({ parameters, bytes: 2 * 4 * parameters });
    manager.add('plain', { ...plan, config: { ...plan.config, init: 'kaiming' } });
    const plain = await manager.adapter('plain');
    expect(() => manager.swap('poet', plain)).toThrow(/^a swap into an adapter.*computed start.*name of its own/s);
    manager.swap('plain', plain);
    manager.dispose();
  });

  it.onEachBackend('adds up with another that acts, shifted by its start, with DoRA too', async ({ tensors }) => {
    for (const useDora of [false, true]) {
      const { host, plan, manager, x } = await setUp(tensors, { init: 'olora', useDora });
      manager.add('poet', plan, { start: await initialFactors(plan, host) });
      manager.add('other', planAdapter({ rank: 1, alpha: 2, targetModules: ['out'] }, host.modules()));
      for (const { variable } of manager.parameters('poet')) {
        tidy(() => variable.assign(add(variable, tensors.randn(variable.shape))));
      }
      const alone = outputOf(host, x);
      manager.activate(['poet', 'other']);
      const close = { atol: 1e-4, because: 'the same products in another order, of values up to some 100' };
      expectClose(outputOf(host, x), alone, close);
      manager.dispose();
    }
  });

  it.onEachBackend('is refused without its start, and at a rank above what a weight has', async ({ tensors }) => {
    const { host, plan, manager } = await setUp(tensors, { init: 'pissa' });
    expect(() => manager.add('poet', plan)).toThrow(/^init "pissa" without a start.*initialFactors/s);
    const wide = planAdapter({ rank: 5, targetModules, init: 'olora' }, host.modules());
    await expect(initialFactors(wide, host)).rejects.toThrow(/^init "olora" for "layers.1.out".*at most 4/s);
  });
});

function outputOf(host: SmallHost, x: Tensor): Float32Array {
  const output = host.run(x);
  const values = Float32Array.from(output.dataSync());
  dispose(output);
  return values;
}
