// Training steps on one backend: as many tensors after the last as after the first, and memory that does not grow with them.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { slope } from './slope.mjs';

const worker = fileURLToPath(new URL('steps-worker.mjs', import.meta.url));

/**
 * @param options.every how many steps lie between two looks at the memory
 * @returns tensors and their bytes, least and most; resident bytes at the first and last look, and how many come with
 *   each step by least squares over the last four fifths; seconds
 */
export async function steps({ backend, steps: count, every = 50, onLook = () => {} }) {
  const start = performance.now();
  const looks = [];
  const args = ['--expose-gc', worker, JSON.stringify({ backend, steps: count, every })];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('[')) return;
    looks.push(JSON.parse(line));
    onLook(looks.at(-1));
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${backend} ended with ${code} after ${looks.length * every} steps:\n${stderr}`);
  const span = (at) => [Math.min(...looks.map((look) => look[at])), Math.max(...looks.map((look) => look[at]))];
  const late = looks.slice(Math.floor(looks.length / 5)).map(([step, , , resident]) => [step, resident]);
  return {
    steps: looks.at(-1)[0],
    tensors: span(1),
    tensorBytes: span(2),
    residentBytes: [looks[0][3], looks.at(-1)[3]],
    residentBytesPerStep: slope(late),
    seconds: (performance.now() - start) / 1000,
  };
}
