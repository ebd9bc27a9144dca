// The main job: teach the embedded base another author's text through LoRA, then prove the result.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeMobyDick } from './moby-dick.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cli = join(dirname(createRequire(import.meta.url).resolve('lowrank/package.json')), 'dist', 'main.js');
const folder = join(root, 'runs', 'quickstart');
const [adapter, merged] = ['adapter', 'merged'].map((name) => join(folder, name));
const started = performance.now();

const data = await writeMobyDick(join(folder, 'data'));
console.log('Moby-Dick, 120 chapters to learn from and the last 15 held out\n');

// One backend and batch size for training and proof: the same sums in the same order give the same bits.
const backend = ['--backend', 'wasm'];
const batch = [...backend, '--batch', '4'];
lowrank([
  ...['train', '--model', 'tiny', '--data', data.train, '--eval-data', data.heldOut, '--out', adapter, '--overwrite'],
  ...batch,
  ...'--rank 8 --targets all-linear --steps 120 --eval-every 60 --learning-rate 5e-3'.split(' '),
  ...['--sample', 'The old captain'],
]);
const heldOut = readFileSync(join(adapter, 'run', 'events.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .filter(({ type }) => type === 'eval-end')
  .map(({ loss }) => loss);
const [before, after] = [heldOut[0], heldOut.at(-1)];

console.log('\nProof');
const reloaded = result(['eval', '--model', 'tiny', '--adapter', adapter, '--data', data.heldOut, ...batch]);
const merge = result(['merge', '--model', 'tiny', '--adapter', adapter, '--out', merged, '--overwrite', ...backend]);
const alone = result(['eval', '--model', merged, '--data', data.heldOut, ...batch]);

const checks = [
  [after < 0.9 * before, `held-out loss fell by 10 % or more: ${before.toFixed(4)} → ${after.toFixed(4)}`],
  [reloaded.loss === after, `reloaded in a new process, the held-out loss is identical: ${reloaded.loss}`],
  [
    merge.largestLogitDifference <= 1e-4,
    `merged, the logits differ by ${merge.largestLogitDifference.toExponential(1)} at most`,
  ],
  [
    Math.abs(alone.loss - after) <= 1e-4,
    `the merged model alone, from its own folder, has loss ${alone.loss.toFixed(6)}`,
  ],
];
for (const [ok, text] of checks) console.log(`${ok ? '✓' : '✗'} ${text}`);
console.log(`\nadapter (PEFT folder)  ${relative(root, adapter)}\nmerged model           ${relative(root, merged)}`);
console.log(`loss curve             ${relative(root, join(adapter, 'loss.svg'))}`);
console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} seconds in all`);
if (checks.some(([ok]) => !ok)) process.exitCode = 1;

/** Runs a command for people to see; ends this script when it fails. */
function lowrank(args) {
  const { status } = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a command for its result. */
function result(args) {
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
  return JSON.parse(String(stdout).trim().split('\n').at(-1));
}
