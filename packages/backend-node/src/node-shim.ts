import { createRequire } from 'node:module';

/**
 * Gives `util` back two functions that tfjs-node calls in every op. Node 23 took `isNullOrUndefined` away, and Node 22
 * warns of both. It must be the CommonJS object, which is what tfjs-node reads.
 */
export function shimNode(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
