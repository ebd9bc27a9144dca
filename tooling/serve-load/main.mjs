// Load on `lowrank serve`: fifty adapters on the embedded base, each answer held to what `generate` writes alone.
import { wasm } from '@lowrank/backend-wasm';
import { planAdapter, useBackend } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { generate, loadModel, loadTokenizer } from '@lowrank/models';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resident, writeFigures } from './figures.mjs';

const require = createRequire(import.meta.url);
const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));
const prompts = ['The people', 'My', 'It was a fine morning, and she'];
const names = Array.from({ length: 50 }, (_, index) => `adapter-${index}`);
const maxTokens = 16;

/** Ten minutes, as `pnpm campaign serve` runs it; with `--write alone` the docs' figures too. */
export async function campaign(args) {
  await load({ seconds: '600', ...optionsOf(args) });
}

function optionsOf(args) {
  return parseArgs({ args, options: { seconds: { type: 'string' }, write: { type: 'string' } } }).values;
}

/**
 * Sets the exit code where an answer is wrong or none, or where memory grows by a tenth from the second quarter to the last.
 *
 * @param seconds of load @param write what ran beside it, where the docs are to have the figures
 */
async function load({ seconds = '60', write }) {
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-load-'));
  const expected = await writeAdapters(folder);
  const main = join(packageFolder('lowrank'), 'dist', 'main.js');
  const options = ['--port', '0', '--backend', 'wasm', '--json', '--max-batch', '16', '--adapters', folder];
  const child = spawn(process.execPath, [main, 'serve', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { url } = JSON.parse(line);
    const result = await measure({ url, seconds: Number(seconds), clients: 16, expected });
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    const { second, last } = result.residentMiB;
    if (result.wrong > 0 || result.failed > 0 || last > 1.1 * second) process.exitCode = 1;
    else if (write !== undefined) writeFigures(result, write);
  } finally {
    child.kill('SIGTERM');
    await closed;
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure({ url, seconds, clients, expected }) {
  const start = performance.now();
  const end = start + seconds * 1000;
  const [times, memory] = [[], []];
  const counts = { wrong: 0, failed: 0, tokens: 0 };
  let turn = 0;
  const client = async () => {
    while (performance.now() < end) {
      const index = turn++;
      const name = names[(index * 7) % names.length];
      const prompt = prompts[index % prompts.length];
      const began = performance.now();
      const response = await fetch(`${url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: name, prompt, temperature: 0, max_tokens: maxTokens }),
      });
      const body = await response.json();
      if (!response.ok) counts.failed++;
      else {
        times.push(performance.now() - began);
        counts.tokens += body.usage.completion_tokens;
        if (body.choices[0].text !== expected.get(`${name} ${prompt}`)) counts.wrong++;
      }
    }
  };
  const watch = setInterval(async () => memory.push(await residentMiB(url)), (seconds * 1000) / 40);
  await Promise.all(Array.from({ length: clients }, client));
  clearInterval(watch);
  const spent = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const quantile = (part) => Math.round(times[Math.floor(part * (times.length - 1))]);
  const rates = { answersPerSecond: times.length / spent, tokensPerSecond: counts.tokens / spent };
  const latency = { p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  return {
    seconds: spent,
    clients,
    answers: times.length,
    ...rates,
    ...latency,
    ...counts,
    residentMiB: resident(memory),
  };
}

async function residentMiB(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Math.round(Number(/^lowrank_resident_bytes (.*)$/m.exec(text)[1]) / 2 ** 20);
}

/** Random adapters, and by `name prompt` what each writes alone. */
async function writeAdapters(folder) {
  await useBackend(wasm());
  const base = join(packageFolder('@lowrank/tiny-base'), 'model');
  const model = await loadModel(base);
  const tokenizer = await loadTokenizer(base);
  const plan = planAdapter({ rank: 4, alpha: 16, targetModules: 'all-linear' }, model.modules());
  const expected = new Map();
  for (const [seed, name] of names.entries()) {
    const manager = new LoraManager(model);
    manager.add(name, plan, { seed });
    const adapter = await manager.adapter(name);
    let state = seed + 1;
    for (const { data } of adapter.tensors.values()) {
      for (let index = 0; index < data.length; index++) {
        state = (state * 48_271) % 2_147_483_647;
        data[index] = 0.3 * (state / 2_147_483_647 - 0.5);
      }
    }
    await writePeft(join(folder, name), adapter);
    manager.delete(name);
    manager.add(name, adapter);
    for (const prompt of prompts) {
      let text = '';
      for await (const piece of generate(model, tokenizer, { prompt, temperature: 0, maxNewTokens: maxTokens })) {
        text += piece;
      }
      expected.set(`${name} ${prompt}`, text);
    }
    manager.dispose();
  }
  model.dispose();
  return expected;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await load(optionsOf(process.argv.slice(2)));
