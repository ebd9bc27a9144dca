import type { FrozenWeight, Host } from '@lowrank/core';

/**
 * The head that reads the embedding's table and no longer shares it, for an adapter gave the embedding another: as PEFT
 * has it, the head keeps the base's. Its file needs the table `[vocab, hidden]` of its own, and `tie_word_embeddings`
 * false in its config. Undefined where both are one, or the model has no such head. The host's.
 */
export function untiedHead(model: Host): { path: string; weight: FrozenWeight } | undefined {
  for (const { path, kind, table } of model.modules()) {
    if (kind !== 'tied-head' || table === undefined) continue;
    const [head, embedding] = [model.get(path), model.get(table)] as { weight?: FrozenWeight }[];
    if (head?.weight !== undefined && head.weight !== embedding?.weight) return { path, weight: head.weight };
  }
  return undefined;
}
