// libtensorflow from a Python wheel of TensorFlow, which holds the C library and its headers and needs no Python to run.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runTool } from './tools.mjs';

/** The release whose C library is proven with tfjs-node 4.22, which was written for 2.9. */
export const version = '2.18.0';

/** @returns a folder with `include` and `lib`, shared by all clones on this machine; filled on the first call. */
export function libtensorflow() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'lowrank', 'libtensorflow', version);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  // Beside its place, so that one rename makes it appear whole or not at all.
  const work = mkdtempSync(`${folder}.part-`);
  try {
    const wheel = process.env.LOWRANK_TENSORFLOW_WHEEL || download(work);
    const part = join(work, 'whole');
    runTool('python3', ['-c', unpack, wheel, part], { debian: 'python3', doing: `unpacking ${wheel}` });
    addNames(part);
    try {
      renameSync(part, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // else another process was faster
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** 230 MB, through pip, so that the machine's own settings for it hold. */
function download(folder) {
  const abi = ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'];
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'].flatMap((name) => ['--platform', name]);
  const options = ['--quiet', '--no-deps', '--only-binary=:all:', ...abi, ...platforms, '--dest', folder];
  runTool('python3', ['-m', 'pip', 'download', ...options, `tensorflow-cpu==${version}`], {
    debian: 'python3-pip',
    doing: `downloading tensorflow-cpu ${version} with pip (or name a wheel that you have: LOWRANK_TENSORFLOW_WHEEL)`,
  });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.whl')),
  );
}

const unpack = `
import os, shutil, sys, zipfile
wheel, target = sys.argv[1:]
libs = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
headers = ('tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tsl/platform/ctstring', 'tsl/c/', 'xla/tsl/c/')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name in libs or name.startswith('tensorflow.libs/'):
            path = os.path.join(target, 'lib', os.path.basename(name))
        elif name.endswith('.h') and name.partition('tensorflow/include/')[2].startswith(headers):
            path = os.path.join(target, 'include', name.partition('tensorflow/include/')[2])
        else:
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(name) as source, open(path, 'wb') as out:
            shutil.copyfileobj(source, out, 1 << 20)
`;

/** The names that tfjs-node's linker flags and install script look for. */
function addNames(folder) {
  const lib = join(folder, 'lib');
  for (const name of ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow.so.2.9.1']) {
    symlinkSync('libtensorflow_cc.so.2', join(lib, name));
  }
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));
}
