import { randomFloats } from '@lowrank/core';
import { encodeSafetensors } from '@lowrank/formats';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [hidden, rank] = [32, 2];

export interface ClassifierAdapter {
  classNames: string[];
  /** Without names beside it, as PEFT leaves it. */
  nameless?: boolean;
}

/** Writes an adapter for `writeTinyBert`'s models with random factors and a head that it saves whole. */
export async function writeClassifierAdapter(
  folder: string,
  { classNames, nameless = false }: ClassifierAdapter,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const json = (name: string, object: object) => writeFile(join(folder, name), JSON.stringify(object));
  await json('adapter_config.json', {
    peft_type: 'LORA',
    task_type: 'SEQ_CLS',
    r: rank,
    lora_alpha: 4,
    target_modules: ['query'],
    modules_to_save: ['classifier', 'score'],
  });
  const shapes: Record<string, number[]> = {
    'classifier.weight': [classNames.length, hidden],
    'classifier.bias': [classNames.length],
  };
  for (const layer of [0, 1]) {
    const query = `bert.encoder.layer.${layer}.attention.self.query`;
    Object.assign(shapes, { [`${query}.lora_A.weight`]: [rank, hidden], [`${query}.lora_B.weight`]: [hidden, rank] });
  }
  const tensors = Object.entries(shapes).map(([name, shape], seed) => {
    const count = shape.reduce((product, side) => product * side, 1);
    return [
      `base_model.model.${name}`,
      { shape, data: randomFloats(count, { distribution: 'normal', seed }) },
    ] as const;
  });
  await writeFile(join(folder, 'adapter_model.safetensors'), encodeSafetensors(new Map(tensors)));
  if (!nameless) await json('classes.json', { id2label: Object.assign({}, classNames) });
  return folder;
}
