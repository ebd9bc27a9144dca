import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { familyOf, type Base } from './base.js';
import { difference, tensorsOf } from './difference.js';
import { inputsOf } from './inputs.js';
import { update } from './made.js';
import type { OtherCase } from './other-cases.js';
import { seedOf, type Session } from './session.js';
import { inits, startConfig } from './started.js';

/** PEFT starts an adapter each way that it can, and we load what it saves. Its OLoRA fails on a Conv1D. */
export function startCases(base: Base): OtherCase[] {
  const theirs = inits.filter((init) => init !== 'olora' || familyOf(base) !== 'gpt2');
  return theirs.map((init) => {
    const name = `${base.name}/${init}`;
    return { group: 'start', name, check: (session) => check(session, base, startConfig(base, init), seedOf(name)) };
  });
}

async function check(session: Session, base: Base, config: Record<string, unknown>, seed: number): Promise<number> {
  const [folder, inputs] = [session.path('start'), inputsOf(base)];
  const { head } = base;
  const request = { base: await session.folderOf(base), head, folder, config, seed, inputs, adamw: update };
  await session.python.ask('make-start', request);
  const model = await session.modelOf(base);
  using manager = new LoraManager(model.host);
  manager.add('theirs', await readPeft(folder));
  const theirs = (await tensorsOf(`${folder}/expected.safetensors`)).get('output')!;
  return difference(await session.read(model.output(inputs)), theirs.data);
}
