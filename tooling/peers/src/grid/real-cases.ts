import { ggufFolder } from '@lowrank/models';
import { readFile } from 'node:fs/promises';
import type { Head } from './base.js';
import { difference } from './difference.js';
import { inputsOf } from './inputs.js';
import { modelOf } from './model.js';
import { resultOf, type Result } from './result.js';
import type { Session } from './session.js';

/** Finds or fetches a real checkpoint, gives its folder; throws an Error that says why it cannot be had. */
export interface RealModels {
  /** In Hugging Face's files. */
  miniLm: () => string;
  /** As a GGUF file. */
  smolLm2: () => string;
}

interface RealBase {
  name: string;
  head: Head;
  /** A folder, or a GGUF file, which both sides read themselves. */
  at: (models: RealModels) => string;
}

const ggufFile = 'SmolLM2-135M-Instruct.Q4_1.gguf';

export const realBases: RealBase[] = [
  { name: 'bert/all-MiniLM-L6-v2', head: 'encoder', at: ({ miniLm }) => miniLm() },
  { name: 'llama/SmolLM2-135M.gguf', head: 'causal', at: ({ smolLm2 }) => `${smolLm2()}/${ggufFile}` },
];

/** The outputs of real checkpoints, held against those of Transformers; `missing` says which could not be had. */
export async function realResults(
  session: Session,
  takes: (id: string) => boolean,
  models: RealModels,
): Promise<{ results: Result[]; missing: string[] }> {
  const [results, missing]: [Result[], string[]] = [[], []];
  for (const { name, head, at } of realBases.filter((base) => takes(`base/${base.name}`))) {
    try {
      const path = at(models);
      results.push(await resultOf('base', name, () => realDifference(session, head, path)));
    } catch (error) {
      missing.push(`${name}: ${(error as Error).message}`);
    }
  }
  return { results, missing };
}

async function realDifference(session: Session, head: Head, folder: string): Promise<number> {
  const config = await configOf(folder);
  const inputs = inputsOf({ head, config });
  const theirs = await session.theirs({ folder, head, inputs, keep: false });
  const model = await modelOf(folder, head);
  try {
    return difference(await session.read(model.output(inputs)), theirs);
  } finally {
    model.dispose();
  }
}

/** Of a GGUF file as lowrank makes it from the metadata. */
async function configOf(path: string): Promise<Record<string, unknown>> {
  if (!path.endsWith('.gguf')) return JSON.parse(await readFile(`${path}/config.json`, 'utf8'));
  const source = await ggufFolder(path).open('config.json');
  return JSON.parse(new TextDecoder().decode(await source!.read(0, source!.size)));
}
