import type { FittedMemory, Speed } from '@lowrank/efficiency';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProbeResult } from './probe-result.js';

/** How fast a backend trains on this machine and what memory it takes, and when that was measured. */
export interface MeasuredBackend {
  /** Without what costs nothing. */
  speed: Partial<Speed>;
  /** Absent where it was not measured, as before doctor did. */
  memory?: FittedMemory;
  threads: number;
  /** ISO 8601. */
  at: string;
}

function path(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lowrank', 'speeds.json');
}

/** What `lowrank doctor` measured last, by backend; nothing where it has not run, or where its file cannot be read. */
export async function readSpeeds(): Promise<Record<string, MeasuredBackend>> {
  try {
    const found = JSON.parse(await readFile(path(), 'utf8')) as Record<string, MeasuredBackend>;
    return Object.fromEntries(Object.entries(found).filter(([, each]) => isMeasured(each)));
  } catch {
    return {};
  }
}

function isMeasured({ speed, memory, threads, at }: MeasuredBackend): boolean {
  const fast = Object.values(speed).every((value) => value > 0);
  const bytes = memory === undefined ? [] : [memory?.runtime, memory?.overhead];
  const told = bytes.every((value) => Number.isFinite(value) && value >= 0);
  return fast && told && threads >= 1 && !Number.isNaN(Date.parse(at));
}

/** Keeps what was measured for `lowrank plan`. A folder that cannot be written leaves what is there: doctor has still told it. */
export async function writeSpeeds(backends: ProbeResult[]): Promise<void> {
  const at = new Date().toISOString();
  const measured = backends.flatMap((backend) => {
    if (!backend.works) return [];
    const { name, speed, memory, threads } = backend;
    return [[name, { speed, ...(memory && { memory }), threads, at }] as const];
  });
  const part = `${path()}.${process.pid}`;
  try {
    await mkdir(dirname(part), { recursive: true });
    await writeFile(part, `${JSON.stringify(Object.fromEntries(measured), null, 2)}\n`);
    await rename(part, path());
  } catch {
    // A cache that cannot be kept.
  }
}
