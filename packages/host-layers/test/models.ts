import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { layers, input, model as functional, sequential, type LayersModel } from '@tensorflow/tfjs-layers';
import { randomFloats } from '@lowrank/core';

/** Gives a model seeded weights, those of batch normalisations too, and takes it in exchange. */
function seeded<Model extends LayersModel>(model: Model, seed = 1): Model {
  const values = model.weights.map((weight, index) => {
    const shape = weight.shape as number[];
    const size = shape.reduce((product, side) => product * side, 1);
    const normal = randomFloats(size, { distribution: 'normal', seed: seed + index });
    const positive = weight.name.includes('variance');
    return tensor(
      normal.map((value) => (positive ? 1 + Math.abs(value) : 0.4 * value)),
      shape,
    );
  });
  model.setWeights(values);
  for (const value of values) value.dispose();
  return model;
}

/** Images `[batch, 8, 8, 3]` to 4 classes, with each kind of layer on the way. */
export function classifier({ dropout = 0 } = {}): LayersModel {
  return seeded(
    sequential({
      name: 'classifier',
      layers: [
        layers.conv2d({
          name: 'stem/conv',
          filters: 6,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          inputShape: [8, 8, 3],
        }),
        layers.batchNormalization({ name: 'norm' }),
        layers.depthwiseConv2d({ name: 'depth', kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.conv2d({ name: 'point', filters: 5, kernelSize: 1, activation: 'tanh', strides: 2 }),
        layers.flatten(),
        layers.dropout({ rate: dropout }),
        layers.dense({ name: 'hidden', units: 7, activation: 'sigmoid' }),
        layers.dense({ name: 'scores', units: 4 }),
        layers.softmax(),
      ],
    }),
  );
}

/** Two inputs, a nested model, and a Dense that both pass through. */
export function joined(): LayersModel {
  const [words, numbers] = [input({ shape: [5] }), input({ shape: [6] })];
  const reader = sequential({
    name: 'reader',
    layers: [
      layers.embedding({ name: 'table', inputDim: 9, outputDim: 6, inputLength: 5 }),
      layers.conv1d({ name: 'line', filters: 6, kernelSize: 3, activation: 'relu' }),
      layers.globalAveragePooling1d({}),
    ],
  });
  const shared = layers.dense({ name: 'shared', units: 4, activation: 'elu' });
  const read = shared.apply(reader.apply(words));
  const counted = shared.apply(numbers);
  const sum = layers.add().apply([read, counted] as never);
  const output = layers.dense({ name: 'out', units: 2 }).apply(sum as never);
  return seeded(functional({ name: 'joined', inputs: [words, numbers], outputs: output as never }));
}

/** What a model gives, read and freed. */
export function read(output: Tensor | Tensor[]): Float32Array {
  const [first, ...rest] = [output].flat();
  const values = first!.dataSync().slice() as Float32Array;
  for (const each of [first!, ...rest]) each.dispose();
  return values;
}

/** Frees a model, and with it what tfjs-layers itself leaves behind of a layer that is called twice. */
export function free(model: LayersModel): void {
  const values = model.weights.map((weight) => weight.read());
  model.dispose();
  for (const value of values) value.dispose();
}
