import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { familyOf, type Base } from './base.js';
import { difference, tensorsOf } from './difference.js';
import { inputsOf } from './inputs.js';
import type { OtherCase } from './other-cases.js';
import { seedOf, type Session } from './session.js';
import { targetsOf } from './targets.js';

const weights = { poet: 0.7, clerk: 1.5, cook: 0.4 };
const rows = ['cook', '__base__'];

/** Three adapters of other ranks, scalings and modules on one base, made by PEFT. */
export function severalCases(base: Base): OtherCase[] {
  return [{ group: 'several', name: `${base.name}/three`, check: (session) => check(session, base) }];
}

async function check(session: Session, base: Base): Promise<number> {
  const [folder, inputs] = [session.path('several'), inputsOf(base)];
  const { head, name } = base;
  const request = { base: await session.folderOf(base), head, folder, configs: configsOf(base), weights, rows };
  await session.python.ask('make-several', { ...request, seed: seedOf(name), inputs });
  const model = await session.modelOf(base);
  using manager = new LoraManager(model.host);
  for (const name of Object.keys(weights)) manager.add(name, await readPeft(`${folder}/${name}`));
  manager.activate(Object.keys(weights));
  const together = await session.read(model.output(inputs));
  manager.activate(weights);
  const weighted = await session.read(model.output(inputs));
  const context = manager.forRows(rows.map((name) => (name === '__base__' ? undefined : name)));
  const ours = { together, weighted, rows: await session.read(model.output(inputs, context)) };
  const theirs = await tensorsOf(`${folder}/expected.safetensors`);
  return Math.max(...Object.entries(ours).map(([name, values]) => difference(values, theirs.get(name)!.data)));
}

function configsOf(base: Base): Record<keyof typeof weights, Record<string, unknown>> {
  const { two, attention, mlp } = targetsOf(base);
  const shared = { fan_in_fan_out: familyOf(base) === 'gpt2', task_type: null };
  return {
    poet: { ...shared, r: 3, lora_alpha: 5, target_modules: two },
    clerk: { ...shared, r: 2, lora_alpha: 3, target_modules: attention, use_rslora: true },
    cook: { ...shared, r: 4, lora_alpha: 2, target_modules: mlp },
  };
}
