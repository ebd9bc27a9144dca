import type * as crypto from 'node:crypto';
import type * as fsSync from 'node:fs';
import type * as fs from 'node:fs/promises';
import type * as os from 'node:os';
import type * as path from 'node:path';

export interface NodeModules {
  crypto: typeof crypto;
  fs: typeof fs;
  fsSync: typeof fsSync;
  os: typeof os;
  path: typeof path;
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
