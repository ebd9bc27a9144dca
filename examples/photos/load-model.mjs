import { io } from '@tensorflow/tfjs-core';
import { layers, loadLayersModel, model } from '@tensorflow/tfjs-layers';
import { MobileNetV2Model } from 'nsfwjs/models/mobilenet_v2';

/**
 * The published MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381) up to its last convolution, for
 * pictures of another side, with the mean over their places and a Dense layer of so many classes after it.
 */
export async function loadClassifier({ side, classes }) {
  const features = await loadFeatures(side);
  const pooled = layers.globalAveragePooling2d({ name: 'pooled' }).apply(features.outputs[0]);
  const scores = layers.dense({ name: 'scores', units: classes, kernelInitializer: 'zeros' }).apply(pooled);
  const probabilities = layers.softmax({ name: 'probabilities' }).apply(scores);
  return {
    features: model({ inputs: features.inputs, outputs: pooled }),
    classifier: model({ inputs: features.inputs, outputs: probabilities }),
  };
}

async function loadFeatures(side) {
  const { modelTopology, weightsManifest } = structuredClone((await MobileNetV2Model.modelJson()).default);
  const { config } = modelTopology.model_config;
  config.layers[0].config.batch_input_shape = [null, side, side, 3];
  const end = config.layers.findIndex(({ class_name: kind }) => kind === 'AveragePooling2D');
  config.layers.length = end;
  config.output_layers = [[config.layers[end - 1].name, 0, 0]];
  const [bundle] = await Promise.all(MobileNetV2Model.weightBundles.map((load) => load()));
  const bytes = Buffer.from(bundle.default, 'base64');
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const handler = io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData });
  return loadLayersModel(handler, { strict: false }); // its own classes are left out
}
