// Teaches a published upscaler a new kind of picture through LoRA on its convolutions; its own weights stay as they are.
import { parseArgs } from 'node:util';
import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { train } from '@lowrank/trainer';
import { div, image, losses, tidy } from '@tensorflow/tfjs-core';
import { readImages } from './images.mjs';
import { loadUpscaler, weightHashes } from './load-model.mjs';
import { psnr } from './psnr.mjs';
import { shuffledBatches } from './shuffled-batches.mjs';

const number = (fallback) => ({ type: 'string', default: String(fallback) });
const { values: given } = parseArgs({
  options: {
    images: number(1000), // to learn from
    heldOut: number(1000),
    steps: number(400),
    backend: { type: 'string', default: 'node' }, // or wasm
    out: { type: 'string', default: 'runs/upscale' },
    json: { type: 'boolean', default: false },
  },
});
const say = (line) => given.json || console.log(line);

await useBackend(given.backend === 'wasm' ? wasm() : node());
const model = await loadUpscaler();
const [learned, heldOut] = [readImages('train', Number(given.images)), readImages('heldOut', Number(given.heldOut))];
const bilinear = await psnr(heldOut, (small) => image.resizeBilinear(small, [28, 28], false, true));
say(`bilinear         ${bilinear.toFixed(2)} dB`);
const before = await psnr(heldOut, (small) => model.predict(small));
say(`as published     ${before.toFixed(2)} dB`);

const host = new LayersHost(model);
const manager = new LoraManager(host);
const plan = planAdapter({ rank: 8, alpha: 8, targetModules: 'all-linear' }, host.modules());
manager.add('clothes', plan);

const batches = shuffledBatches(learned.count, 16);
const loss = (indices, context) =>
  tidy(() => {
    const [small, whole] = [learned.small(indices), learned.whole(indices)];
    return losses.meanSquaredError(div(whole, 255), div(host.forward(small, context), 255));
  });
const steps = Number(given.steps);
const settings = { learningRate: 3e-3, weightDecay: 0, warmupSteps: Math.ceil(steps / 20), clipNorm: 1 };
const started = performance.now();
for await (const event of train({ parameters: manager.parameters('clothes'), loss, batches, steps, ...settings })) {
  if (event.type === 'step-end' && event.step % 50 === 0)
    say(`step ${event.step} of ${steps}, loss ${event.loss.toFixed(5)}`);
}
const seconds = (performance.now() - started) / 1000;
const after = await psnr(heldOut, (small) => model.predict(small));
say(`LoRA             ${after.toFixed(2)} dB`);

await writePeft(`${given.out}/adapter`, await manager.adapter('clothes'));
const { published, now } = await weightHashes(model);
if (published !== now) throw new Error(`the base's weights are ${now}, published were ${published}`);
manager.activate(undefined);
const off = await psnr(heldOut, (small) => model.predict(small));
if (off !== before) throw new Error(`without its adapter the model gives ${off} dB, before it was ${before}`);
say(`the base's weights are those that were published: ${published.slice(0, 16)}…`);
const parameters = plan.modules.reduce((sum, module) => sum + module.parameters, 0);
const sizes = { images: learned.count, heldOut: heldOut.count, steps, parameters, ofBase: plan.base.parameters };
if (given.json) console.log(JSON.stringify({ ...sizes, seconds, bilinear, before, after, weights: published }));
manager.dispose();
host.dispose();
model.dispose();
