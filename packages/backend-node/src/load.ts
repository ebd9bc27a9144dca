import { LowrankError } from '@lowrank/core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const name = '@tensorflow/tfjs-node';

/**
 * Loads tfjs-node, which registers its backend with tfjs and selects it. Its addon is tried first by itself, so that
 * what cannot work changes nothing in tfjs. Throws `backend-unavailable`, with a fix for each thing that may be missing.
 */
export function loadTfjsNode(): void {
  if (!isMainThread) {
    throw unavailable('it runs in the main thread of a process only', {
      fix: 'start a child process instead of a worker thread: child_process.fork',
    });
  }
  const require = createRequire(import.meta.url);
  const manifest = resolved(require);
  const addon = addonOf(manifest);
  if (!existsSync(addon)) {
    throw unavailable(`the package ${name} is installed, but its addon was not built: there is no ${addon}`, {
      fix: `let its install script download TensorFlow and run it again: npm rebuild ${name}; ${offline}`,
    });
  }
  try {
    require(addon);
    require(name);
  } catch (cause) {
    throw unavailable(`its addon ${addon} must load: ${firstLine(cause)}`, {
      fix: `build it anew for this machine: npm rebuild ${name} --build-addon-from-source; ${offline}`,
      cause,
    });
  }
}

const offline = 'where its download fails, see "Without the download" in the README of @lowrank/backend-node';

function resolved(require: NodeJS.Require): string {
  try {
    return require.resolve(`${name}/package.json`);
  } catch (cause) {
    throw unavailable(`the package ${name} must be installed`, {
      fix: `npm install ${name} (an optional peer; its install script downloads TensorFlow, 500 MB), or use another backend`,
      cause,
    });
  }
}

/** Where tfjs-node itself will look for it. */
function addonOf(manifest: string): string {
  const { find } = createRequire(manifest)('@mapbox/node-pre-gyp') as { find(manifest: string): string };
  return find(manifest);
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] as string;
}

function unavailable(rule: string, { fix, cause }: { fix: string; cause?: unknown }): LowrankError {
  return new LowrankError('backend-unavailable', { given: 'backend "tensorflow"', rule, fix, cause });
}
