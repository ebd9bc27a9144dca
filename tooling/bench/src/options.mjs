import { parseArgs } from 'node:util';
import { shapes } from './shapes.mjs';

export const usage = `usage: pnpm bench step [options]

  --shape <name>       ${Object.keys(shapes).join(', ')}; default minilm
  --backends <names>   with commas: wasm, node, webgpu; default wasm,node
  --threads <counts>   with commas; default 1,2
  --beside <names>     with commas: stock, peft, or none; default stock,peft
  --quantise <names>   also with a packed base, with commas: int8, nf4, q4
  --variants <names>   of our adapters, with commas: lora, dora; default lora
  --runs <n>           samples of each figure; default 5
  --python <path>      a Python that has torch, transformers and peft; default $LOWRANK_PYTHON, else python3
  --profile            also which kernels a step's time goes to
  --markdown           the table as docs/benchmarks.md shows it
  --json               one JSON object on stdout, progress on stderr`;

const backends = ['wasm', 'node', 'webgpu'];

/** The command line, checked. Throws an Error whose message says what is wrong. */
export function optionsOf(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      shape: { type: 'string', default: 'minilm' },
      backends: { type: 'string', default: 'wasm,node' },
      threads: { type: 'string', default: '1,2' },
      beside: { type: 'string', default: 'stock,peft' },
      quantise: { type: 'string', default: '' },
      variants: { type: 'string', default: 'lora' },
      runs: { type: 'string', default: '5' },
      python: { type: 'string', default: process.env.LOWRANK_PYTHON ?? 'python3' },
      profile: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { help: true };
  if (positionals.join() !== 'step') throw new Error(`"${positionals.join(' ')}" is no benchmark: there is step`);
  return {
    shape: oneOf('--shape', values.shape, Object.keys(shapes)),
    backends: list(values.backends).map((name) => oneOf('--backends', name, backends)),
    threads: list(values.threads).map((count) => whole('--threads', count)),
    beside: list(values.beside)
      .map((name) => oneOf('--beside', name, ['stock', 'peft', 'none']))
      .filter((name) => name !== 'none'),
    quantise: list(values.quantise).map((name) => oneOf('--quantise', name, ['int8', 'nf4', 'q4'])),
    variants: list(values.variants).map((name) => oneOf('--variants', name, ['lora', 'dora'])),
    runs: whole('--runs', values.runs),
    python: values.python,
    profiled: values.profile,
    markdown: values.markdown,
    json: values.json,
  };
}

/** What is measured, in the order in which it runs within a round. */
export function tasksOf({ backends, threads, beside, quantise, variants, profiled }, { folder, shape }) {
  const task = (kind, backend, count, packed = null, variant = 'lora') => ({
    kind,
    backend,
    threads: count,
    quantise: packed,
    variant,
    folder,
    shape,
    profiled,
  });
  const counts = (backend) => (backend === 'webgpu' ? [1] : threads);
  const stockCounts = (backend) => (backend === 'node' ? threads : [1]);
  return [
    ...backends.flatMap((backend) =>
      counts(backend).flatMap((count) =>
        [null, ...quantise].flatMap((packed) =>
          variants.map((variant) => task('lowrank', backend, count, packed, variant)),
        ),
      ),
    ),
    ...(beside.includes('stock')
      ? backends.flatMap((backend) => stockCounts(backend).map((count) => task('stock', backend, count)))
      : []),
    ...(beside.includes('peft') ? threads.map((count) => task('peft', null, count)) : []),
  ];
}

const list = (text) => text.split(',').filter((part) => part !== '');

function oneOf(option, value, choices) {
  if (choices.includes(value)) return value;
  throw new Error(`${option} ${value}: it is one of ${choices.join(', ')}`);
}

function whole(option, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`${option} ${text}: it is a whole number of 1 or more`);
}
