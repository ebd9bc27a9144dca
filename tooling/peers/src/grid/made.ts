import type { Adapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { tensorsOf, type Values } from './difference.js';
import { inputsOf, type Inputs } from './inputs.js';
import type { Model } from './model.js';
import { peftConfig, type Recipe } from './recipe.js';
import { seedOf, type Session } from './session.js';

/** An adapter that PEFT has made, and what PEFT makes of it. */
export interface Made {
  recipe: Recipe;
  /** As `save_pretrained` leaves it. */
  folder: string;
  /** `output`; `merged`, where PEFT can merge it; `gradient/<name>`, `updated/<name>`. */
  expected: Map<string, Values>;
  /** What PEFT warns of when it loads these files itself. */
  warnings: string[];
  inputs: Inputs;
  model: Model;
}

/** The update of the `step` cases. An epsilon above rounding noise, or a gradient of nearly zero moves by chance. */
export const update = { lr: 0.01, eps: 1e-4, weight_decay: 0.1 };

/** @param optimizer by which `updated/<name>` come, of optimizers.py */
export async function make(session: Session, recipe: Recipe, optimizer = 'adamw'): Promise<Made> {
  const { base, name, options } = recipe;
  const folder = session.path('adapter');
  const inputs = inputsOf(base);
  const warnings = await session.python.ask<string[]>('make-adapter', {
    base: await session.folderOf(base),
    head: base.head,
    folder,
    config: peftConfig(recipe),
    dtype: options.stored,
    seed: seedOf(name),
    inputs,
    adamw: update,
    optimizer,
  });
  const expected = await tensorsOf(`${folder}/expected.safetensors`);
  return { recipe, folder, expected, warnings, inputs, model: await session.modelOf(base) };
}

/** Runs `use` with the adapter on its base, and takes it off again. */
export async function applied<Value>(
  { folder, model }: Made,
  use: (manager: LoraManager, adapter: Adapter) => Promise<Value>,
): Promise<Value> {
  const adapter = await readPeft(folder);
  const manager = new LoraManager(model.host);
  try {
    manager.add('peft', adapter);
    return await use(manager, adapter);
  } finally {
    manager.dispose();
  }
}
