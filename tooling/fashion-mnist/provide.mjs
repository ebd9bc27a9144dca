// Fashion-MNIST (Xiao et al. 2017, https://arxiv.org/abs/1708.07747) out of Debian's package, which is unpacked into a
// folder of the user's cache, once for all clones, and not installed. 31 MB to download.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { put } from '@lowrank/peers/one-at-a-time.mjs';

const debian = 'dataset-fashion-mnist';
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lowrank', 'data');

/** Side of an image. */
export const side = 28;

export const classNames = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];

/**
 * The first `count` images of the 60,000 to learn from, or of the 10,000 held out: `images` `[count, 28, 28]`, 0 to 255,
 * and `labels` `[count]`. Throws an Error that says why they could not be had.
 */
export function fashionMnist(part, count) {
  const folder = join(provided(), 'usr/share/datasets/fashion-mnist');
  const stem = part === 'train' ? 'train' : 't10k';
  const values = (name, header) => gunzipSync(readFileSync(join(folder, `${stem}-${name}-ubyte.gz`))).subarray(header);
  return {
    images: values('images-idx3', 16).subarray(0, count * side * side),
    labels: values('labels-idx1', 8).subarray(0, count),
  };
}

/** The unpacked package. */
export function provided() {
  const folder = join(cache, debian);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}.part-`);
  try {
    run('apt-get', ['download', debian], work);
    const file = readdirSync(work).find((name) => name.endsWith('.deb'));
    run('dpkg-deb', ['--extract', file, 'whole'], work);
    put(join(work, 'whole'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function run(program, args, cwd) {
  const { status, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 600_000 });
  if (status !== 0) throw new Error(`${debian}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
}
