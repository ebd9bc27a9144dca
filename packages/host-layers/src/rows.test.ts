import { planAdapter } from '@lowrank/core';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, slice, type Tensor } from '@tensorflow/tfjs-core';
import { classifier, free, read } from '../test/models.js';

const close = { atol: 1e-5, because: 'some layers of float32 sums in another order' };

describe('adapters on a LayersHost', () => {
  it.onEachBackend('act row by row, several at once, and swapped, on convolutions too', async ({ tensors }) => {
    const model = classifier();
    const x = tensors.randn([3, 8, 8, 3]);
    using host = new LayersHost(model);
    const manager = new LoraManager(host);
    const modules = host.modules();
    manager.add('plain', planAdapter({ rank: 3, alpha: 6, targetModules: ['conv', 'hidden'] }, modules));
    manager.add(
      'dora',
      planAdapter({ rank: 2, useDora: true, targetModules: ['conv', 'point'], bias: 'lora_only' }, modules),
    );
    manager.add('small', planAdapter({ rank: 1, targetModules: ['conv', 'hidden'] }, modules));
    for (const name of ['plain', 'dora', 'small']) {
      for (const { variable } of manager.parameters(name)) variable.assign(tensors.randn(variable.shape));
    }
    const pass = (rows?: (string | undefined)[]) => read(host.forward(x, rows && manager.forRows(rows)) as Tensor);
    const alone = (name: string | undefined, row: number) => {
      manager.activate(name);
      const one = slice(x, row, 1);
      const output = read(host.forward(one) as Tensor);
      dispose(one);
      return output;
    };
    const rows = ['dora', undefined, 'plain'];
    const expected = rows.flatMap((name, row) => [...alone(name, row)]);
    for (const active of [undefined, 'small']) {
      manager.activate(active);
      const before = pass();
      expectClose(pass(rows), expected, close);
      expect(pass()).toEqual(before);
    }
    manager.activate({ plain: 0.5, dora: 1 });
    const both = pass();
    await manager.merge();
    expectClose(pass(), both, close);
    manager.unmerge();
    expect(pass()).toEqual(both);
    manager.activate('small');
    const small = pass();
    const [held, theirs] = [await manager.adapter('plain'), await manager.adapter('small')];
    manager.activate('plain');
    manager.swap('plain', theirs);
    expectClose(pass(), small, close);
    expect(await manager.adapter('plain')).toEqual(theirs);
    manager.swap('plain', held);
    expect(await manager.adapter('plain')).toEqual(held);
    const unloaded = await manager.mergeAndUnload();
    expectClose(pass().slice(8), expected.slice(8), close);
    unloaded.dispose();
    expectClose(pass().slice(4, 8), expected.slice(4, 8), close);
    free(model);
  });
});
