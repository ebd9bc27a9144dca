import type { FittedMemory } from '@lowrank/efficiency';
import { measuredShape } from '../doctor/measured-shape.js';
import type { ProbeResult } from '../doctor/probe-result.js';
import { table } from './table.js';
import { bytesText } from './units.js';

export interface DoctorFacts {
  lowrank: string;
  node: string;
  platform: string;
  cores: number;
  auto: string | null;
  backends: ProbeResult[];
}

/** What `lowrank doctor` found, for people. */
export function doctorText({ lowrank, node, platform, cores, auto, backends }: DoctorFacts): string[] {
  const { rows, in: features, out } = measuredShape;
  const working = backends.filter((backend) => backend.works);
  const fastest = working.toSorted((left, right) => right.gflops - left.gflops)[0];
  return [
    `lowrank ${lowrank} on Node ${node}, ${platform}, ${cores} core${cores === 1 ? '' : 's'}`,
    '',
    ...backendTable(backends),
    '',
    ...backends.flatMap((backend) => (backend.works ? [] : absence(backend.name, backend.because))),
    ...(working.some(({ memory }) => memory)
      ? ["Memory is what a backend takes beside a step's tensors, and the part of their bytes that its allocator adds."]
      : []),
    `GFLOP/s are of a frozen linear, [${rows}, ${features}] x [${features}, ${out}] in float32.`,
    auto === null ? 'No backend works here.' : `--backend auto, the default, takes ${auto}.`,
    ...(auto !== null && fastest && fastest.name !== auto
      ? [`${fastest.name} is faster here: --backend ${fastest.name}`]
      : []),
  ];
}

function backendTable(backends: ProbeResult[]): string[] {
  const rows = backends.map((backend) =>
    backend.works
      ? [backend.name, String(backend.threads), backend.gflops.toFixed(1), memoryText(backend.memory)]
      : [backend.name, '', '', ''],
  );
  const [head, ...lines] = table([['backend', 'threads', 'GFLOP/s', 'memory'], ...rows]);
  return [`${head}  runs on`, ...lines.map((line, row) => `${line}  ${runsOn(backends[row]!)}`)];
}

function memoryText(memory: FittedMemory | undefined): string {
  return memory ? `${bytesText(memory.runtime)} + ${(100 * memory.overhead).toFixed(1)} %` : '';
}

function runsOn(backend: ProbeResult): string {
  if (!backend.works) return 'absent';
  const { version, device, limits } = backend;
  const buffer = limits?.['maxBufferSize'];
  return [device, version, buffer === undefined ? undefined : `buffers up to ${bytesText(buffer)}`]
    .filter(Boolean)
    .join(', ');
}

function absence(name: string, { rule, fix }: { rule: string; fix: string }): string[] {
  return [`${name} is absent: ${rule}`, `  → ${fix}`, ''];
}
