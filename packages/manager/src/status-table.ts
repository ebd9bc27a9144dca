import type { ManagerStatus } from './status.js';

/** A status as text for a terminal: the adapters, the layers with what is on each, and the parameters. */
export function statusTable({ active, merged, adapters, layers, parameters }: ManagerStatus): string {
  const held = adapters.map(({ name, rank, alpha, modules, extras, ...one }) => [
    name,
    String(rank),
    String(alpha),
    one.active ? `${active[name]}${merged ? ', merged' : ''}` : '-',
    String(modules.length + extras.length),
    whole(one.parameters),
    `${(one.bytes / 2 ** 20).toFixed(2)} MiB`,
  ]);
  const places = layers.map(({ path, kind, shape, dtype, ...layer }) => [
    path,
    kind,
    `[${shape.join(', ')}]`,
    dtype,
    layer.adapters.map(({ name, rank, trains }) => `${name}: ${rank ? `rank ${rank}` : trains}`).join(', '),
    layer.active.length > 0 ? `${layer.active.join(', ')}${layer.merged ? ' (merged)' : ''}` : '-',
  ]);
  const { trainable, base, adapters: all, percent } = parameters;
  return [
    ...columns(['adapter', 'rank', 'alpha', 'active', 'modules', 'parameters', 'memory'], held),
    '',
    ...columns(['layer', 'kind', 'shape', 'dtype', 'adapters', 'active'], places),
    '',
    `${whole(trainable)} parameters trainable of ${whole(base + all)}: ${percent.toFixed(4)} %`,
  ].join('\n');
}

/** Rows as lines, each column as wide as its widest cell. */
function columns(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? title).length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join('  ')
      .trimEnd(),
  );
}

const whole = (count: number) => count.toLocaleString('en');
