// What `lowrank plan` predicts of a step's memory and time, beside what is measured.
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
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '10' },
    most: { type: 'string', default: '12' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const list = (text) => text.split(',').filter(Boolean);
const run = promisify(execFile);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const threads = Number(values.threads);

/** Seconds of its processes after which a point has no more of them. */
const enough = 15;

const points = [];
for (const backend of list(values.backends)) {
  for (const name of list(values.shapes)) {
    const shape = shapes[name];
    if (!shape) throw new Error(`--shapes ${name}: it is one of ${Object.keys(shapes).join(', ')}`);
    const folder = await writeTask(name, shape);
    const sizes = { steps: Number(values.steps), most: Number(values.most) * 2 ** 30 };
    for (const batch of list(values.batches).map(Number)) {
      for (const seq of list(values.sequences).map(Number)) {
        const task = { folder, shape, backend, threads, batch, seq, ...sizes };
        points.push({ backend, shape: name, batch, seq, task, runs: [], spent: 0 });
      }
    }
  }
}
// Each round begins with doctor, for how fast a machine is drifts: what is told and what is measured are medians of rounds.
const doctors = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  const doctor = await askDoctor();
  doctors.push(doctor);
  for (const point of points.filter(({ because, spent }) => !because && spent < enough)) {
    const begun = performance.now();
    const one = await measuredOnce({ ...point.task, memory: doctor[point.backend].memory });
    if (one.because) point.because = one.because;
    else point.runs.push(one);
    point.spent += (performance.now() - begun) / 1000;
    const { backend, shape, batch, seq, because } = point;
    process.stderr.write(`round ${round}: ${backend} ${shape} ${batch} x ${seq}: ${because ?? 'done'}\n`);
  }
}
const told = (what) =>
  doctors.map((doctor) => Object.fromEntries(Object.entries(doctor).map(([name, measured]) => [name, measured[what]])));
const result = {
  ...{ type: 'bench-predict', version: 3, threads, speeds: told('speed'), memory: told('memory') },
  points: points.map(summary),
};
if (values.out) {
  await writeFile(`${values.out}.json`, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(`${values.out}.svg`, chart(result));
}
console.log(values.json ? JSON.stringify(result) : markdown(result).join('\n'));

/** What is predicted of a point and what was measured, or why it was not. One that needs more than `--most` GiB is left out. */
function summary({ backend, shape, batch, seq, because, runs }) {
  if (because) return { backend, shape, batch, seq, because };
  const [{ work }] = runs;
  const peaks = runs.map(({ memory }) => memory.measured).filter((peak) => peak !== null);
  return {
    ...{ backend, shape, batch, seq, work },
    memory: {
      predicted: median(runs.map(({ memory }) => memory.predicted)),
      measured: peaks.length > 0 ? median(peaks) : null,
    },
    seconds: median(runs.map(({ seconds }) => seconds)),
    predictedSeconds: median(doctors.map((doctor) => predictSeconds(work, doctor[backend].speed))),
  };
}

async function measuredOnce(task) {
  try {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
    const args = ['--expose-gc', here('predict-worker.mjs'), JSON.stringify(task)];
    const { stdout } = await run(process.execPath, args, { env, maxBuffer: 2 ** 24 });
    const line = stdout.split('\n').find((line) => line.startsWith('@ '));
    const { because, memory, work, ms } = JSON.parse(line.slice(2));
    return because ? { because } : { memory, work, seconds: median(ms) / 1000 };
  } catch (error) {
    const lines = String(error.stderr ?? error.message)
      .trim()
      .split('\n');
    return { because: lines.findLast((line) => /error|memory/i.test(line)) ?? lines.at(-1) };
  }
}

/** How fast each backend trains and what memory it takes, as `lowrank doctor` measures it on small models of its own. */
async function askDoctor() {
  const { stdout } = await run(process.execPath, [here('../../../apps/cli/dist/main.js'), 'doctor', '--json']);
  const { backends } = JSON.parse(stdout.trim().split('\n').at(-1));
  return Object.fromEntries(
    backends.filter(({ works }) => works).map(({ name, speed, memory }) => [name, { speed, memory }]),
  );
}
