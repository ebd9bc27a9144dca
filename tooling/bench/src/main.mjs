// pnpm bench step: a training step on each backend, beside stock tfjs and PyTorch with PEFT, in one run.
import { availableParallelism, cpus } from 'node:os';
import { optionsOf, tasksOf, usage } from './options.mjs';
import { shapes } from './shapes.mjs';

const options = parsed(process.argv.slice(2));
if (options.help) {
  console.log(usage);
  process.exit();
}
// Imported only now: these need the packages built, and a wrong option does not.
const { Contender } = await import('./contender.mjs');
const { measure } = await import('./measure.mjs');
const { markdown, report } = await import('./report.mjs');
const { resultOf } = await import('./result.mjs');
const { writeTask } = await import('./write-task.mjs');

const shape = shapes[options.shape];
const progress = (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${text.slice(0, 78)}`);
progress('writing a model of random weights');
const folder = await writeTask(options.shape, shape);
const contenders = tasksOf(options, { folder, shape }).map((task) => new Contender(task, options));
const samples = await measure(contenders, { ...options, progress });
progress('');

const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  node: `Node ${process.version}`,
  platform: `${process.platform} ${process.arch}`,
};
const result = resultOf(samples, { shape, name: options.shape, runs: options.runs, machine });
const text = () => (options.markdown ? markdown(result) : report(result)).join('\n');
console.log(options.json ? JSON.stringify(result) : text());
process.exitCode = result.results.length > 0 && result.agreement.agrees ? 0 : 1;

function parsed(args) {
  try {
    return optionsOf(args);
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    return process.exit(2);
  }
}
