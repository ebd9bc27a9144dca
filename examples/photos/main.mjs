// Teaches a published MobileNetV2 ten new classes through LoRA and a new head, by model.fit; a linear probe on the
// frozen model's features is the baseline.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { classNames } from '@lowrank/fashion-mnist/provide.mjs';
import { writePeft } from '@lowrank/formats';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { train } from '@tensorflow/tfjs-core';
import { readImages } from './images.mjs';
import { loadClassifier } from './load-model.mjs';
import { accuracyOf, probe } from './probe.mjs';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values: given } = parseArgs({
  options: {
    images: number(1000), // to learn from
    heldOut: number(1000),
    epochs: number(6),
    side: number(96), // that pictures are enlarged to
    backend: { type: 'string', default: 'node' }, // or wasm
    out: { type: 'string', default: 'runs/photos' },
    json: { type: 'boolean', default: false },
  },
});
const say = (line) => given.json || console.log(line);

await useBackend(given.backend === 'wasm' ? wasm() : node());
const side = Number(given.side);
const { features, classifier } = await loadClassifier({ side, classes: classNames.length });
const learned = readImages('train', Number(given.images), side);
const heldOut = readImages('heldOut', Number(given.heldOut), side);

const seen = (images) => ({ ...images, features: features.predict(images.x, { batchSize: 50 }) });
const head = probe(seen(learned), seen(heldOut));
say(`linear probe     accuracy ${percent(head.accuracy)}`);

const before = hashOf(classifier);
const host = new LayersHost(classifier);
const manager = new LoraManager(host);
const config = { rank: 8, alpha: 8, targetModules: 'all-linear', modulesToSave: ['scores'] };
const plan = planAdapter(config, host.modules());
manager.add('clothes', plan);

classifier.compile({ optimizer: train.adam(1e-3), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
const started = performance.now();
const onEpochEnd = (epoch, { loss, acc }) => say(`epoch ${epoch + 1}, loss ${loss.toFixed(4)}, accuracy ${percent(acc)}`);
const epochs = Number(given.epochs);
await classifier.fit(learned.x, learned.y, { epochs, batchSize: 20, verbose: 0, callbacks: { onEpochEnd } });
const seconds = (performance.now() - started) / 1000;
const accuracy = accuracyOf(classifier.predict(heldOut.x, { batchSize: 50 }), heldOut.labels);
say(`LoRA             accuracy ${percent(accuracy)}`);

await writePeft(`${given.out}/adapter`, await manager.adapter('clothes'));
manager.dispose();
host.dispose();
if (hashOf(classifier) !== before) throw new Error("training changed the base's weights");
say(`the base's weights are what they were: SHA-256 ${before.slice(0, 16)}…`);
const parameters = [...plan.modules, ...plan.extras].reduce((sum, module) => sum + module.parameters, 0);
const sizes = { images: learned.x.shape[0], heldOut: heldOut.x.shape[0], epochs, parameters, ofBase: plan.base.parameters };
if (given.json) console.log(JSON.stringify({ ...sizes, seconds, probe: head.accuracy, lora: accuracy, weights: before }));

function hashOf(model) {
  const hash = createHash('sha256');
  for (const value of model.getWeights()) hash.update(new Uint8Array(value.dataSync().slice().buffer));
  return hash.digest('hex');
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
