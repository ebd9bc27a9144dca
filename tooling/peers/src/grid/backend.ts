import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import type { Backend } from '@lowrank/core';

export const backends = ['wasm', 'node'] as const;

export type BackendName = (typeof backends)[number];

export function backendOf(name: BackendName): Backend {
  return name === 'node' ? node() : wasm();
}
