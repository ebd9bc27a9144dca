import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';

const file = (name) => new URL(`../results/${name}.json`, import.meta.url);

/** What a campaign has found so far, or undefined. */
export function readResult(name) {
  try {
    return JSON.parse(readFileSync(file(name), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeResult(name, result) {
  await mkdir(new URL('../results/', import.meta.url), { recursive: true });
  await writeFile(file(name), `${JSON.stringify({ machine: machine(), ...result }, undefined, 2)}\n`);
}

function machine() {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown';
  return `${cpu}, ${availableParallelism()} cores, Node ${process.version}, ${process.platform} ${process.arch}`;
}
