import { planAdapter } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { io, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { drawn } from '../test/drawn.js';
import { classifier, free, read } from '../test/models.js';

async function artifactsOf(model: LayersModel): Promise<io.ModelArtifacts> {
  let saved: io.ModelArtifacts | undefined;
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return saved as io.ModelArtifacts;
}

describe('an adapted model', () => {
  it.onEachBackend('saves as its base byte for byte, and its adapter apart as PEFT does', async ({ tensors }) => {
    const model = classifier();
    const x = tensors.randn([2, 8, 8, 3]);
    const before = await artifactsOf(model);
    using host = new LayersHost(model);
    using manager = new LoraManager(host);
    manager.add('a', planAdapter({ rank: 2, targetModules: 'all-linear' }, host.modules()));
    drawn(manager, 'a', 3);
    const adapted = read(model.predict(x) as Tensor);
    const during = await artifactsOf(model);
    expect(during.weightSpecs).toEqual(before.weightSpecs);
    expect(new Uint8Array(during.weightData as ArrayBuffer)).toEqual(new Uint8Array(before.weightData as ArrayBuffer));

    await withFolder(async (folder) => {
      await writePeft(folder, await manager.adapter('a'));
      const again = await loadLayersModel(io.fromMemory(during));
      using other = new LoraManager(new LayersHost(again));
      other.add('read', await readPeft(folder));
      expect(read(again.predict(x) as Tensor)).toEqual(adapted);
      other.dispose();
      free(again);
    });
    manager.dispose();
    free(model);
  });

  it.onEachBackend('counts as trainable what its adapter trains', ({ tensors: _ }) => {
    const model = classifier();
    const own = model.countParams();
    using host = new LayersHost(model);
    using manager = new LoraManager(host);
    const plan = planAdapter({ rank: 2, targetModules: ['point'] }, host.modules());
    manager.add('a', plan);
    const lines: string[] = [];
    model.summary(80, undefined, (line) => lines.push(line));
    expect(lines.join('\n')).toContain(`Trainable params: ${plan.modules[0]!.parameters}`);
    expect(model.countParams()).toBe(own);
    manager.dispose();
    free(model);
  });
});
