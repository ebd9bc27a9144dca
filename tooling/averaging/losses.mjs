// pnpm campaign averaging: what averaging costs in held-out loss, into docs/averaging.md. Workers share the tokens of one, on Moby-Dick.
import { writeMobyDick } from '@lowrank/quickstart/moby-dick.mjs';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const page = new URL('../../docs/averaging.md', import.meta.url);
const list = (text) => text.split(',').map(Number);
const settings = { model: 'tiny', targets: 'all-linear', rank: 8, batch: 4, learningRate: 0.002, backend: 'wasm' };
const methods = ['frozen-a', 'product'];

/** `--seeds`, `--workers`, and `--steps` in all over `--rounds`. */
export async function campaign(args) {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      workers: { type: 'string', default: '1,2,4,8' },
      steps: { type: 'string', default: '256' },
      rounds: { type: 'string', default: '4' },
    },
  });
  const [seeds, steps, rounds] = [list(values.seeds), Number(values.steps), Number(values.rounds)];
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-averaging-'));
  try {
    const data = await writeMobyDick(join(folder, 'data'));
    const given = { folder, data, steps, rounds };
    const base = await lossOf(data);
    const rows = [];
    for (const method of methods) {
      rows.push({ method, workers: 'one run', ...(await over(seeds, (seed) => oneRun({ ...given, method, seed }))) });
      for (const workers of list(values.workers)) {
        const measured = await over(seeds, (seed) => inRounds({ ...given, method, workers, seed }));
        rows.push({ method, workers, ...measured });
        console.log(JSON.stringify(rows.at(-1)));
      }
    }
    await fill({ base, rows, steps, rounds, seeds });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function over(seeds, run) {
  const runs = [];
  for (const seed of seeds) runs.push(await run(seed));
  return { losses: runs.map(({ loss }) => loss), bytes: runs[0].bytes };
}

async function oneRun({ folder, data, steps, method, seed }) {
  const out = join(folder, `one-${method}-${seed}`);
  const config = {
    ...settings,
    seed,
    steps,
    data: [data.train],
    evalData: [await glance(folder, data)],
    out,
    evalEvery: steps,
  };
  if (method === 'frozen-a') config.loraFa = true;
  await lowrank(['train', '--config', await written(folder, `one-${method}-${seed}`, config)]);
  return { loss: await lossOf(data, out) };
}

/** Chapters go to the workers in turn; all together do the steps of one. */
async function inRounds({ folder, data, steps, rounds, method, workers, seed }) {
  const name = `${method}-${workers}-${seed}`;
  const chapters = (await readFile(data.train, 'utf8')).trim().split('\n');
  const shards = [];
  for (let worker = 0; worker < workers; worker++) {
    const path = join(folder, `${name}-${worker}.jsonl`);
    await writeFile(path, chapters.filter((_, index) => index % workers === worker).join('\n'));
    shards.push([path]);
  }
  const each = steps / rounds / workers;
  const file = {
    ...settings,
    seed,
    shards,
    evalData: [data.heldOut],
    rounds,
    steps: each,
    evalEvery: each,
    average: method,
  };
  const out = join(folder, name);
  await lowrank(['train-rounds', await written(folder, name, file), '--out', out, '--parallel', '2']);
  const adapter = join(out, `round-${rounds}`, 'average');
  const { size } = await stat(join(adapter, 'adapter_model.safetensors'));
  return { loss: await lossOf(data, adapter), bytes: 2 * workers * size };
}

/** One held-out chapter, for what a run itself measures: nothing here depends on it. */
async function glance(folder, { heldOut }) {
  const path = join(folder, 'glance.jsonl');
  await writeFile(path, (await readFile(heldOut, 'utf8')).split('\n')[0]);
  return path;
}

async function lossOf(data, adapter) {
  const on = adapter ? ['--adapter', adapter] : [];
  const out = await lowrank(['eval', '--model', 'tiny', ...on, '--data', data.heldOut, '--backend', 'wasm']);
  return JSON.parse(out.trim().split('\n').at(-1)).loss;
}

async function written(folder, name, config) {
  const path = join(folder, `${name}.json`);
  await writeFile(path, JSON.stringify(config));
  return path;
}

async function lowrank(args) {
  return (await promisify(execFile)(process.execPath, [cli, ...args, '--json'], { maxBuffer: 2 ** 28 })).stdout;
}

async function fill({ base, rows, steps, rounds, seeds }) {
  const mean = (of) => of.reduce((sum, each) => sum + each, 0) / of.length;
  const lines = rows.map(({ method, workers, losses, bytes }) => {
    const spread = `${Math.min(...losses).toFixed(3)} to ${Math.max(...losses).toFixed(3)}`;
    const each = workers === 'one run' ? steps : `${rounds} × ${steps / rounds / workers}`;
    const sent = bytes ? `${(bytes / 1e6).toFixed(1)} MB` : 'none';
    return `| ${[method, workers, each, mean(losses).toFixed(3), spread, sent].join(' | ')} |`;
  });
  const table = [
    '| method | workers | steps of each | held-out loss | over seeds | sent in a round |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    `${seeds.length} seeds; the base alone is at ${base.toFixed(3)}.`,
  ].join('\n');
  const text = await readFile(page, 'utf8');
  const marked = /(<!-- losses -->\n)[^]*?(<!-- \/losses -->)/;
  await writeFile(
    page,
    text.replace(marked, (_, start, end) => `${start}\n${table}\n\n${end}`),
  );
}
