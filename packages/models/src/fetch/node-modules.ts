export interface NodeModules {
  crypto: typeof import('node:crypto');
  fs: typeof import('node:fs/promises');
  fsSync: typeof import('node:fs');
  os: typeof import('node:os');
  path: typeof import('node:path');
}

/** Node's own modules, in a way that a bundler for browsers need not resolve; undefined where there are none. */
export function nodeModules(): NodeModules | undefined {
  const get = globalThis.process?.getBuiltinModule;
  if (!get) return undefined;
  return {
    crypto: get('node:crypto'),
    fs: get('node:fs/promises'),
    fsSync: get('node:fs'),
    os: get('node:os'),
    path: get('node:path'),
  };
}
