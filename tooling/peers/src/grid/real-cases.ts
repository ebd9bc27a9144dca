import type { Head } from './bases.js';
import { difference } from './difference.js';
import { inputsOf } from './inputs.js';
import { modelOf } from './model.js';
import { resultOf, type Result } from './result.js';
import type { Session } from './session.js';
import { readFile } from 'node:fs/promises';

/** Finds or fetches a real checkpoint, gives its folder; throws an Error that says why it cannot be had. */
export interface RealModels {
  /** In Hugging Face's files. */
  miniLm: () => string;
  /** As a GGUF file. */
  smolLm2: () => string;
}

const ggufFile = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** The outputs of real checkpoints, held against those of Transformers; `missing` says which could not be had. */
export async function realResults(
  session: Session,
  only: RegExp,
  { miniLm, smolLm2 }: RealModels,
): Promise<{ results: Result[]; missing: string[] }> {
  const models: { name: string; head: Head; folder: () => Promise<string> }[] = [
    { name: 'bert/all-MiniLM-L6-v2', head: 'encoder', folder: async () => miniLm() },
    { name: 'llama/SmolLM2-135M', head: 'causal', folder: () => dequantised(session, `${smolLm2()}/${ggufFile}`) },
  ];
  const [results, missing]: [Result[], string[]] = [[], []];
  for (const { name, head, folder } of models.filter((model) => only.test(`base/${model.name}`))) {
    try {
      const path = await folder();
      results.push(await resultOf('base', name, () => realDifference(session, head, path)));
    } catch (error) {
      missing.push(`${name}: ${(error as Error).message}`);
    }
  }
  return { results, missing };
}

async function dequantised(session: Session, file: string): Promise<string> {
  const folder = session.path('dequantised');
  await session.python.ask('gguf-base', { file, folder });
  return folder;
}

async function realDifference(session: Session, head: Head, folder: string): Promise<number> {
  const config = JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as Record<string, unknown>;
  const inputs = inputsOf({ head, config });
  const theirs = await session.theirs({ folder, head, inputs, keep: false });
  const model = await modelOf(folder, head);
  try {
    return difference(await session.read(model.output(inputs)), theirs);
  } finally {
    model.dispose();
  }
}
