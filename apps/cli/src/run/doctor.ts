import { availableParallelism } from 'node:os';
import { measuredShape } from '../doctor/measured-shape.js';
import { inProcess } from '../doctor/kernel-memory.js';
import { probeBackend } from '../doctor/probe-backend.js';
import { probeMemoryOf } from '../doctor/probe-memory-of.js';
import type { ProbeResult } from '../doctor/probe-result.js';
import { writeSpeeds } from '../doctor/speeds-file.js';
import { automatic, backendNames } from '../inputs/backend-names.js';
import { doctorText } from '../output/doctor-text.js';
import { reporter } from '../output/reporter.js';
import { version } from '../version.js';

export interface DoctorFlags {
  timeout: number;
  json?: boolean;
}

/** Prints what each backend can do here. Exit code 1 only where none works. */
export async function runDoctor({ timeout, json = false }: DoctorFlags): Promise<void> {
  const out = reporter(json);
  const looked: ProbeResult[] = [];
  // One after the other: two at once would measure each other.
  for (const name of backendNames) {
    out.progress(`looking at ${name} …`);
    looked.push(await probeBackend(name, { timeout }));
  }
  out.progress('measuring memory …');
  const working = looked.filter(({ works }) => works).map(({ name }) => name);
  const memory = await probeMemoryOf(working.filter(inProcess), { timeout });
  const backends = looked.map((backend): ProbeResult => {
    const measured = memory.get(backend.name);
    return backend.works && measured ? { ...backend, memory: measured } : backend;
  });
  await writeSpeeds(backends);
  const auto = automatic.find((name) => backends.some((backend) => backend.name === name && backend.works)) ?? null;
  const machine = {
    lowrank: version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
  };
  out.event({ type: 'doctor', ...machine, auto, measured: { op: 'frozenLinear', ...measuredShape }, backends });
  if (!json) for (const line of doctorText({ ...machine, auto, backends })) out.line(line);
  if (!backends.some(({ works }) => works)) process.exitCode = 1;
}
