// tfjs-node's addon is two C++ files on Node-API. One call of the compiler builds it, without node-gyp and what that downloads.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool } from './tools.mjs';

/**
 * Links `tensorflow`'s `include` and `lib` into the package as its install script would lay them, and compiles.
 * The addon works in every later Node, whatever Node's headers it was built with.
 */
export function buildAddon({ tfjsNode, tensorflow }) {
  const deps = join(tfjsNode, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(deps);
  for (const part of ['include', 'lib']) symlinkSync(join(tensorflow, part), join(deps, part));
  const target = join(tfjsNode, 'lib', 'napi-v8');
  mkdirSync(target, { recursive: true });
  const work = mkdtempSync(join(target, 'part-'));
  try {
    const built = join(work, 'tfjs_binding.node');
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name));
    const includes = [dirname(tfjsNode), join(deps, 'include'), nodeHeaders(work)].map((folder) => `-I${folder}`);
    const flags = [
      '-shared',
      '-fPIC',
      '-O2',
      '-w',
      '-std=c++17',
      '-fno-exceptions',
      '-fvisibility=hidden',
      '-DNAPI_VERSION=8',
    ];
    const link = [
      `-L${join(deps, 'lib')}`,
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      '-ltensorflow',
      '-ltensorflow_framework',
    ];
    const compiler = process.env.CXX || 'g++';
    runTool(
      compiler,
      [...flags, '-DNODE_GYP_MODULE_NAME=tfjs_binding', ...includes, ...sources, '-o', built, ...link],
      {
        debian: 'g++',
        doing: 'building tfjs-node’s addon',
      },
    );
    renameSync(built, join(target, 'tfjs_binding.node'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Node's own headers beside the running Node, as most installs have them; else those of Node-API alone, from npm. */
function nodeHeaders(work) {
  const own = [join(dirname(dirname(process.execPath)), 'include', 'node'), '/usr/include/node'];
  const found = own.find((folder) => existsSync(join(folder, 'node_api.h')));
  if (found) return found;
  runTool('npm', ['install', '--prefix', work, '--no-save', '--ignore-scripts', 'node-api-headers@1'], {
    debian: 'npm',
    doing: 'fetching the headers of Node-API (or have Node’s in include/node beside its bin)',
  });
  return join(work, 'node_modules', 'node-api-headers', 'include');
}
