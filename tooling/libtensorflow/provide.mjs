// Gives the installed tfjs-node what its own install script would have downloaded: libtensorflow, out of a Python wheel, and
// the addon built on it. `node tooling/libtensorflow/provide.mjs` again costs a second: what works already is left alone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildAddon } from './addon.mjs';
import { libtensorflow } from './wheel.mjs';

const backendNode = new URL('../../packages/backend-node/package.json', import.meta.url);

/**
 * Makes `@tensorflow/tfjs-node`, as packages/backend-node sees it, load. `LOWRANK_TENSORFLOW_WHEEL` names a wheel
 * that is here already.
 *
 * @returns one line on what was done. Throws an Error that says what is missing and how to get it.
 */
export function provideLibtensorflow() {
  const tfjsNode = installedFolder();
  const version = loadedVersion(tfjsNode);
  if (version) return `tfjs-node already loads, with TensorFlow ${version}`;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `this script knows Linux on x64 only, and here is ${process.platform} on ${process.arch}: ` +
        'try the package’s own download, npm rebuild @tensorflow/tfjs-node',
    );
  }
  buildAddon({ tfjsNode, tensorflow: libtensorflow() });
  const built = loadedVersion(tfjsNode, (why) => {
    throw new Error(`the addon was built and does not load: ${why}`);
  });
  return `built tfjs-node on TensorFlow ${String(built)}`;
}

function installedFolder() {
  try {
    return dirname(createRequire(backendNode).resolve('@tensorflow/tfjs-node/package.json'));
  } catch (cause) {
    throw new Error('@tensorflow/tfjs-node is not installed: run pnpm install first', { cause });
  }
}

/** In a process of its own, because a broken addon may end the process that loads it. */
function loadedVersion(tfjsNode, failed = () => {}) {
  const addon = join(tfjsNode, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(addon)) return failed(`there is no ${addon}`);
  const script = `process.stdout.write(require(${JSON.stringify(addon)}).TF_Version)`;
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env });
  return status === 0 ? stdout : failed(stderr.trim() || `the process ended with ${signal ?? status}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(provideLibtensorflow());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
