import { planAdapter, type Adapter, type PlainTensor } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel } from '@lowrank/models';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyFolder } from './serving.js';

/** An adapter of the embedded base that writes another text than the base. */
export async function tinyAdapter(): Promise<Adapter> {
  using model = await loadModel(tinyFolder);
  using manager = new LoraManager(model);
  const config = { rank: 2, alpha: 16, targetModules: ['q_proj', 'v_proj'] };
  manager.add('poet', planAdapter(config, model.modules()), { seed: 1 });
  const adapter = await manager.adapter('poet');
  for (const { data } of adapter.tensors.values()) data.forEach((_, index) => (data[index] = Math.sin(index + 1)));
  return adapter;
}

export interface Unusable {
  name: string;
  status: number;
  code: string;
  /** In what the operator is told, with the folder of all for ROOT. */
  cause: RegExp;
}

/** Adapters that no request can use. */
export const unusable: Unusable[] = [
  { name: 'cut', status: 500, code: 'adapter_damaged', cause: /^ROOT\/cut\/adapter_model.safetensors/ },
  { name: 'no-header', status: 500, code: 'adapter_damaged', cause: /^ROOT\/no-header\/adapter_model.safetensors/ },
  { name: 'no-json', status: 500, code: 'adapter_damaged', cause: /^ROOT\/no-json\/adapter_config.json/ },
  { name: 'no-number', status: 500, code: 'adapter_damaged', cause: / in ROOT\/no-number\/adapter_model.* holds NaN/ },
  { name: 'no-weights', status: 404, code: 'adapter_not_found', cause: /^ROOT\/no-weights\/adapter_model/ },
  { name: 'deeper', status: 500, code: 'adapter_mismatch', cause: /layers\.9\..*the model has no such module/ },
  { name: 'wider', status: 500, code: 'adapter_mismatch', cause: /q_proj.*\[512, 2\].*\[256, 2\]/ },
  { name: 'half', status: 500, code: 'adapter_mismatch', cause: / in ROOT\/half\/adapter_model.*no lora_B/ },
  { name: 'other-kind', status: 500, code: 'adapter_unsupported', cause: /"IA3".* in ROOT\/other-kind\// },
];

/** Writes `poet`, which is whole, and all of `unusable`. */
export async function writeUnusable(root: string): Promise<void> {
  const poet = await tinyAdapter();
  await writePeft(join(root, 'poet'), poet);
  await writePeft(
    join(root, 'deeper'),
    renamed(poet, (name) => name.replace('layers.3.', 'layers.9.')),
  );
  await writePeft(join(root, 'wider'), widened(poet));
  const copies = ['cut', 'no-header', 'no-json', 'no-number', 'no-weights', 'half', 'other-kind'];
  for (const name of copies) await cp(join(root, 'poet'), join(root, name), { recursive: true });
  const weights = (name: string) => join(root, name, 'adapter_model.safetensors');
  const config = (name: string) => join(root, name, 'adapter_config.json');
  const bytes = await readFile(weights('poet'));
  await truncate(weights('cut'), bytes.length / 2);
  await writeFile(weights('no-header'), 'no weights at all');
  await writeFile(config('no-json'), '{');
  await writeFile(weights('no-number'), Buffer.concat([bytes.subarray(0, -4), Buffer.alloc(4, 0xff)]));
  await rm(weights('no-weights'));
  await writeFile(weights('half'), bytes.toString('latin1').replaceAll('lora_B', 'lora_X'), 'latin1');
  const text = await readFile(config('other-kind'), 'utf8');
  await writeFile(config('other-kind'), text.replace('"LORA"', '"IA3"'));
}

function renamed({ config, tensors }: Adapter, rename: (name: string) => string): Adapter {
  return { config, tensors: new Map(Array.from(tensors, ([name, tensor]) => [rename(name), tensor])) };
}

/** As for a base whose features are twice as many. */
function widened({ config, tensors }: Adapter): Adapter {
  const twice = Array.from(tensors, ([name, { data, shape }]): [string, PlainTensor] => {
    const [from, to] = shape;
    if (name.includes('lora_B')) return [name, { data, shape }];
    return [name, { data: Float32Array.from([...data, ...data]), shape: [2 * from!, to!] }];
  });
  return { config, tensors: new Map(twice) };
}
