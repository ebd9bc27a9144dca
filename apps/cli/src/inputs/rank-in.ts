import type { Adapter } from '@lowrank/core';

/** The rank that an adapter's tensors have for a module, 0 where they have none. */
export function rankIn(tensors: Adapter['tensors'], path: string): number {
  return (
    tensors.get(`${path}.lora_A.weight`)?.shape.at(-1) ?? tensors.get(`${path}.lora_embedding_A`)?.shape.at(-1) ?? 0
  );
}
