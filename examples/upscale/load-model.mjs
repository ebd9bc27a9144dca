import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

const entry = createRequire(import.meta.url).resolve('@upscalerjs/default-model');
const folder = join(entry.slice(0, entry.indexOf('/dist/')), 'models');

/** The published model: a model.json and one file of weights. */
export async function loadUpscaler() {
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const [{ weights: weightSpecs, paths }] = weightsManifest;
  const bytes = await readFile(join(folder, paths[0]));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
}

/** SHA-256 of the published file of weights, and of the model's weights as they are now, in the order of that file. */
export async function weightHashes(model) {
  const { weightsManifest } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'));
  const [{ weights, paths }] = weightsManifest;
  const now = new Map(model.weights.map((weight) => [weight.originalName, weight.read().dataSync()]));
  const [published, mine] = [createHash('sha256'), createHash('sha256')];
  published.update(await readFile(join(folder, paths[0])));
  for (const { name } of weights) mine.update(new Uint8Array(now.get(name).slice().buffer));
  return { published: published.digest('hex'), now: mine.digest('hex') };
}
