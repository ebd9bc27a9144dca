import type { Backend, Kernels } from '@lowrank/core';

export interface WatchedBackend {
  /** The same backend, whose own kernels are counted. */
  backend: Backend;
  /** How often the own kernel of an op has computed it since this was last asked. */
  taken: (op: string) => number;
}

/** Tells an op that ran on a backend's own kernel from one that was composed because there is none, or it declined. */
export function watchKernels(backend: Backend): WatchedBackend {
  const counts = new Map<string, number>();
  const watched = (kernels: Kernels): Kernels =>
    Object.fromEntries(
      Object.entries(kernels as Record<string, Compute>).map(([op, compute]) => [
        op,
        (...args: unknown[]) => {
          const result = compute(...args);
          if (result !== undefined) counts.set(op, (counts.get(op) ?? 0) + 1);
          return result;
        },
      ]),
    );
  return {
    backend: {
      name: backend.name,
      init: () => backend.init(),
      capabilities: () => backend.capabilities(),
      get kernels() {
        return watched(backend.kernels ?? {});
      },
    },
    taken: (op) => {
      const count = counts.get(op) ?? 0;
      counts.delete(op);
      return count;
    },
  };
}

type Compute = (...args: unknown[]) => unknown;
