import type { PlainTensor } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { channelsLast } from '@lowrank/testing';
import { tensor } from '@tensorflow/tfjs-core';
import { layers, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { fileURLToPath } from 'node:url';

type Named = Map<string, PlainTensor>;

/** The torch nets of `tooling/goldens/make_peft_conv_goldens.py` that tfjs-layers can say. */
export function layersNet(net: 'line' | 'image', weights: Named): LayersModel {
  const model = net === 'line' ? line() : image();
  model.setWeights(
    model.layers.flatMap(({ name, weights: own }) =>
      (own.length > 0 ? ['weight', 'bias'] : []).map((part) => {
        const { data, shape } = channelsLast(weights.get(`${name}.${part}`) as PlainTensor, part === 'weight');
        return tensor(data, shape);
      }),
    ),
  );
  return model;
}

function line(): LayersModel {
  const tanh = { activation: 'tanh' } as const;
  return sequential({
    layers: [
      layers.conv1d({ name: 'first', filters: 4, kernelSize: 3, padding: 'same', inputShape: [11, 3], ...tanh }),
      layers.conv1d({ name: 'second', filters: 6, kernelSize: 4, strides: 2, ...tanh }),
      layers.conv1d({ name: 'last', filters: 3, kernelSize: 1, ...tanh }),
    ],
  });
}

function image(): LayersModel {
  const tanh = { activation: 'tanh' } as const;
  return sequential({
    layers: [
      layers.conv2d({ name: 'first', filters: 4, kernelSize: 3, padding: 'same', inputShape: [9, 8, 3], ...tanh }),
      layers.conv2d({ name: 'second', filters: 6, kernelSize: 3, strides: 2, ...tanh }),
      layers.globalAveragePooling2d({}),
      layers.dense({ name: 'head', units: 5 }),
    ],
  });
}

/** What torch and PEFT computed, in tfjs's layout. */
export async function goldenOf(net: string, name: string) {
  const path = (file: string) =>
    fileURLToPath(new URL(`../../../tooling/goldens/data/peft-convs/${file}`, import.meta.url));
  const [weights, expected] = [
    await readAll(path(`${net}.safetensors`)),
    await readAll(path(`${name}/expected.safetensors`)),
  ];
  const prefix = 'gradients/base_model.model.';
  const own = [...expected].filter(([key]) => key.startsWith(prefix));
  return {
    folder: path(name),
    weights,
    input: channelsLast(weights.get('x') as PlainTensor, false),
    output: channelsLast(expected.get('output') as PlainTensor, false),
    gradients: new Map(
      own.map(([key, value]) => [key.slice(prefix.length).replace('.base_layer', ''), channelsLast(value, true)]),
    ),
  };
}

async function readAll(path: string): Promise<Named> {
  const file = await openSafetensors(await fileSource(path));
  const all = await file.readAll();
  await file.close();
  return all;
}
