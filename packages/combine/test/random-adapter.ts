import { deriveSeed, loraConfig, randomFloats, type Adapter, type LoraConfigInput } from '@lowrank/core';

/** A module's sides: `[in, out]` of a linear, or the shapes that A and B have but for their rank. */
export interface ModuleSides {
  in: number;
  out: number;
  rank: number;
  embedding?: boolean;
}

/** An adapter with normally distributed factors on these modules. */
export function randomAdapter(
  modules: Record<string, ModuleSides>,
  seed: number,
  config: Partial<LoraConfigInput> = {},
): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  const draw = (name: string, shape: number[]) => {
    const count = shape.reduce((product, side) => product * side, 1);
    const data = randomFloats(count, { distribution: 'normal', seed: deriveSeed(seed, name) });
    tensors.set(name, { shape, data });
  };
  for (const [path, { in: rows, out, rank, embedding = false }] of Object.entries(modules)) {
    draw(`${path}.${embedding ? 'lora_embedding_A' : 'lora_A.weight'}`, [rows, rank]);
    draw(`${path}.${embedding ? 'lora_embedding_B' : 'lora_B.weight'}`, [rank, out]);
  }
  const targetModules = Object.keys(modules);
  const rankPattern = Object.fromEntries(Object.entries(modules).map(([path, { rank }]) => [path, rank]));
  return { config: loraConfig({ alpha: 3, targetModules, rankPattern, ...config }), tensors };
}
