/**
 * Node's own modules, or undefined in a browser. They are asked for at run time, so that a browser's bundler
 * never meets an import of them.
 */
export function nodeModules() {
  if (typeof process === 'undefined' || !process.getBuiltinModule) return undefined;
  const get = process.getBuiltinModule;
  return {
    events: get('node:events'),
    fs: get('node:fs'),
    module: get('node:module'),
    os: get('node:os'),
    v8: get('node:v8'),
    workers: get('node:worker_threads'),
  };
}

export type NodeModules = NonNullable<ReturnType<typeof nodeModules>>;
