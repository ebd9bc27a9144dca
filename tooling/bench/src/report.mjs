/** A result for people. */
export function report({ machine, shape, flops, runs, results, absent, ratios, agreement }) {
  const { title, batch, seq, rank, targets } = shape;
  return [
    `${title}, batch ${batch} x ${seq}, LoRA rank ${rank} on ${targets.join(', ')}, AdamW, float32; median of ${runs}`,
    `${machine.cpu}, ${machine.cores} core${machine.cores === 1 ? '' : 's'}, ${machine.node}; ` +
      `products: ${gflop(flops.forward)} forward, ${gflop(flops.step)} a step`,
    '',
    ...table([head, ...results.map(row)]),
    '',
    ...ratios.map(
      ({ of, to, step, forward }) => `${of} takes ${times(step)} of ${to} a step, ${times(forward)} forward`,
    ),
    ...results.flatMap(profileLines),
    ...absent.map(({ name, because }) => `absent: ${name}: ${because}`),
    agreement.compared.length < 2
      ? 'nothing to compare the losses with'
      : `losses of ${agreement.compared.length} agree within ${agreement.first.toExponential(1)} at step 1, ` +
        `${agreement.last.toExponential(1)} at step ${2 * (runs + 1)}${agreement.agrees ? '' : ': TOO FAR APART'}`,
  ];
}

/** Its figures as a table for docs. */
export function markdown({ results }) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...results.map((one) => line(row(one))),
  ];
}

const head = [
  ...['', 'step ms', 'min-max', 'tokens/s', 'GFLOP/s', 'forward ms', '+ adapter', '+ merged', 'step MiB', 'whole MiB'],
];

function row({ name, step, forward, overhead, memory }) {
  const { median, min, max } = step.ms;
  return [
    name,
    median.toFixed(0),
    `${min.toFixed(0)}-${max.toFixed(0)}`,
    step.tokensPerSecond.toFixed(0),
    step.gflops.toFixed(0),
    forward.frozen.median.toFixed(0),
    percent(overhead.unmerged),
    percent(overhead.merged),
    mib(memory.stepPeak),
    mib(memory.stepPeak === null ? null : Math.max(memory.loadPeak, memory.stepPeak)),
  ];
}

function profileLines({ name, profile }) {
  if (!profile) return [];
  const inKernels = profile.kernels.reduce((total, { ms }) => total + ms, 0);
  const line = ({ kernel, calls, ms }) => [`  ${kernel}`, String(calls), ms.toFixed(1), percent(ms / profile.ms)];
  const rest = { kernel: 'outside kernels', calls: 1, ms: profile.ms - inKernels };
  return [
    '',
    `${name}, one step of ${profile.ms.toFixed(0)} ms`,
    ...table([...profile.kernels.slice(0, 14), rest].map(line)),
  ];
}

function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const cell = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return rows.map((cells) => cells.map(cell).join('  '));
}

const gflop = (flops) => `${(flops / 1e9).toPrecision(3)} GFLOP`;
const times = (ratio) => `${ratio.toPrecision(3)} times the time`;
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const mib = (bytes) => (bytes === null ? '' : (bytes / 2 ** 20).toFixed(0));
