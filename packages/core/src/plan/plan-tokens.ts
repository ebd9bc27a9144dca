import type { LoraConfig } from '../config/lora-config.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { PlannedExtra, PlannedModule } from './adapter-plan.js';
import type { ModuleInfo } from './module-info.js';
import { nearest } from './nearest.js';
import { isSaved } from './saved-modules.js';

/**
 * The rows of tables that a config trains, and the heads that read those tables: their logits change along, as in PEFT.
 * Throws `target-not-found` for a name of no embedding, `config-invalid` for ids that are none of a table, twice there,
 * or of a table that is trained otherwise too.
 */
export function planTokens(config: LoraConfig, adapted: PlannedModule[], modules: ModuleInfo[]): PlannedExtra[] {
  return choices(config, modules).flatMap(({ table, tokens }) => {
    checkTokens(table, tokens);
    if (isSaved(config.modulesToSave, table.path) || adapted.some(({ path }) => path === table.path))
      throw twice(table);
    const { path, kind, out = 0 } = table;
    const heads = modules.filter((module) => module.table === path);
    return [
      { path, kind, trains: 'rows' as const, parameters: tokens.length * out, tokens },
      ...heads.map((head) => {
        return { path: head.path, kind: head.kind, trains: 'tied-rows' as const, parameters: 0, table: path };
      }),
    ];
  });
}

function choices({ trainableTokenIndices: given }: LoraConfig, modules: ModuleInfo[]) {
  if (given === undefined) return [];
  const embeddings = modules.filter(({ kind }) => kind === 'embedding');
  if (embeddings.length === 0) throw unknown('the first embedding', embeddings);
  if (Array.isArray(given)) return embeddings.slice(0, 1).map((table) => ({ table, tokens: given }));
  return Object.entries(given).flatMap(([name, tokens]) => {
    const tables = embeddings.filter(({ path }) => path.endsWith(name));
    if (tables.length === 0) throw unknown(name, embeddings);
    return tables.map((table) => ({ table, tokens }));
  });
}

function checkTokens({ path, in: vocab = 0 }: ModuleInfo, tokens: number[]): void {
  const beyond = tokens.find((token) => token >= vocab);
  const again = tokens.find((token, at) => tokens.indexOf(token) !== at);
  if (beyond === undefined && again === undefined) return;
  throw new LowrankError('config-invalid', {
    given: `trainableTokenIndices: token ${beyond ?? again} of "${path}"`,
    rule: beyond === undefined ? 'it is there twice' : `the table has ${vocab} rows`,
    fix: 'name each token once, by its id in the tokenizer',
  });
}

function twice({ path }: ModuleInfo): LowrankError {
  return new LowrankError('config-invalid', {
    given: `trainableTokenIndices of "${path}"`,
    rule: 'the module is trained whole or has factors already',
    fix: 'leave it out of modulesToSave and targetModules, or train no rows of it',
  });
}

function unknown(name: string, embeddings: ModuleInfo[]): LowrankError {
  const names = nearest(
    name,
    embeddings.map(({ path }) => path),
  );
  return new LowrankError('target-not-found', {
    given: `"${name}" in trainableTokenIndices`,
    rule: 'a name must be the end of the path of an embedding',
    fix: names.length > 0 ? `nearest here: ${names.join(', ')}` : 'take a model with an embedding',
  });
}
