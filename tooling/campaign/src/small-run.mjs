import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Something to learn, of a few thousand characters. */
export async function writeText(folder) {
  const lines = Array.from({ length: 60 }, (_, at) => `The whale number ${at} swam past the old ship, and all cried.`);
  const path = join(folder, 'text.txt');
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

/** A run of a second or two on the embedded base, with dropout, that saves often. */
export function trainOn(data, out, { steps = 12, alpha = 4 } = {}) {
  const where = ['--model', 'tiny', '--data', data, '--out', out, '--backend', 'wasm'];
  const size = ['--rank', '2', '--alpha', `${alpha}`, '--targets', 'q_proj,v_proj', '--batch', '2', '--sequence', '32'];
  const pace = ['--steps', `${steps}`, '--learning-rate', '0.01', '--dropout', '0.1', '--checkpoint-every', '1'];
  return ['train', ...where, ...size, ...pace];
}
