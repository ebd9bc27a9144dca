// pnpm bench predict: what `lowrank plan` predicts of a step's memory and time, beside what is measured.
import { predictSeconds } from '@lowrank/efficiency';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { chart, markdown } from './predict-report.mjs';
import { shapes } from './shapes.mjs';
import { median } from './statistics.mjs';
import { writeTask } from './write-task.mjs';

const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: 'minilm,smollm2' },
    backends: { type: 'string', default: 'wasm,node' },
    threads: { type: 'string', default: '2' },
    batches: { type: 'string', default: '1,2,4,8,16' },
    sequences: { type: 'string', default: '64,128,256,512' },
    processes: { type: 'string', default: '3' },
    steps: { type: 'string', default: '3' },
    most: { type: 'string', default: '12' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const list = (text) => text.split(',').filter(Boolean);
const run = promisify(execFile);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const threads = Number(values.threads);

/** Seconds after which a point has no more processes. */
const enough = 15;

const speeds = await doctorSpeeds();
const points = [];
for (const backend of list(values.backends)) {
  for (const name of list(values.shapes)) {
    const shape = shapes[name];
    if (!shape) throw new Error(`--shapes ${name}: it is one of ${Object.keys(shapes).join(', ')}`);
    const folder = await writeTask(name, shape);
    for (const batch of list(values.batches).map(Number)) {
      for (const seq of list(values.sequences).map(Number)) {
        const task = {
          folder,
          shape,
          backend,
          threads,
          batch,
          seq,
          steps: Number(values.steps),
          most: Number(values.most) * 2 ** 30,
        };
        points.push({ backend, shape: name, batch, seq, ...(await measured(task)) });
        process.stderr.write(`${backend} ${name} ${batch} x ${seq}: ${points.at(-1).because ?? 'done'}\n`);
      }
    }
  }
}
for (const point of points.filter((point) => !point.because)) {
  point.predictedSeconds = predictSeconds(point.work, speeds[point.backend]);
}
const result = { type: 'bench-predict', version: 1, threads, speeds, points };
if (values.out) {
  await writeFile(`${values.out}.json`, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(`${values.out}.svg`, chart(result));
}
console.log(values.json ? JSON.stringify(result) : markdown(result).join('\n'));

/**
 * A point's prediction and measurement, or why there is none: medians of `--processes`, of fewer where they take long, for
 * garbage and neighbours differ from process to process. One that needs more than `--most` GiB is left out.
 */
async function measured(task) {
  const runs = [];
  const end = performance.now() + 1000 * enough;
  do {
    const one = await measuredOnce(task);
    if (one.because) return one;
    runs.push(one);
  } while (runs.length < Number(values.processes) && performance.now() < end);
  const [{ memory, work }] = runs;
  const peaks = runs.map(({ memory }) => memory.measured).filter((peak) => peak !== null);
  const peak = peaks.length > 0 ? median(peaks) : null;
  return { memory: { ...memory, measured: peak }, work, seconds: median(runs.map(({ seconds }) => seconds)) };
}

async function measuredOnce(task) {
  try {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
    const args = ['--expose-gc', here('predict-worker.mjs'), JSON.stringify(task)];
    const { stdout } = await run(process.execPath, args, { env, maxBuffer: 2 ** 24 });
    const answer = JSON.parse(
      stdout
        .split('\n')
        .find((line) => line.startsWith('@ '))
        .slice(2),
    );
    if (answer.because) return answer;
    const { memory, work, ms } = answer;
    return { memory, work, seconds: median(ms) / 1000 };
  } catch (error) {
    return {
      because: String(error.stderr ?? error.message)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}

/** How fast each backend trains, as `lowrank doctor` measures it on a small model of its own. */
async function doctorSpeeds() {
  const { stdout } = await run(process.execPath, [here('../../../apps/cli/dist/main.js'), 'doctor', '--json']);
  const { backends } = JSON.parse(stdout.trim().split('\n').at(-1));
  const free = { linear: Infinity, attention: Infinity, scores: Infinity, bytes: Infinity, ops: Infinity };
  return Object.fromEntries(
    backends.filter(({ works }) => works).map(({ name, speed }) => [name, { ...free, ...speed }]),
  );
}
