import { LayersHost } from '@lowrank/host-layers';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, mean, square, tidy, variableGrads, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { free, read } from '../test/models.js';
import { goldenOf, layersNet } from '../test/peft-nets.js';

const close = { atol: 5e-6, because: 'three layers of float32 sums in another order than torch' };

for (const name of ['image', 'line', 'line-dora', 'line-whole'] as const) {
  describe(`a LayersModel with an adapter that PEFT trained (${name})`, () => {
    it.onEachBackend("gives PEFT's output and gradients, and its own output once the adapter is off", async (test) => {
      const net = name.startsWith('line') ? 'line' : 'image';
      const { folder, output, gradients, weights, input } = await goldenOf(net, name);
      const model = layersNet(net, weights);
      const x = test.tensors.of(input.data, input.shape);
      const untouched = read(model.predict(x) as Tensor);
      using host = new LayersHost(model);
      using manager = new LoraManager(host);
      manager.add('theirs', await readPeft(folder));
      expectClose(read(host.forward(x)), output.data, close);

      const parameters = manager.parameters('theirs');
      const loss = () => tidy(() => mean(square(host.forward(x, { training: true, seed: 0 }) as Tensor)) as Scalar);
      const { value, grads } = variableGrads(
        loss,
        parameters.map(({ variable }) => variable),
      );
      expect(parameters.map(({ name }) => name).toSorted()).toEqual([...gradients.keys()].toSorted());
      for (const { name, variable } of parameters) {
        expectClose(grads[variable.name]!, gradients.get(name)!.data, close);
      }
      dispose([value, ...Object.values(grads)]);

      manager.activate(undefined);
      expect(read(model.predict(x) as Tensor)).toEqual(untouched);
      free(model);
    });
  });
}
