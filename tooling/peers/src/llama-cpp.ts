import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { llamaCppFolder } from '../provide-llama-cpp.mjs';

/** Whether `provide-llama-cpp.mjs` has been run here. */
export const hasLlamaCpp = existsSync(join(llamaCppFolder, 'node_modules', 'node-llama-cpp'));

export interface LlamaCppRequest {
  /** Paths of GGUF files. */
  base: string;
  adapter?: string;
  sequences: number[][];
  /** Positions that all of a sequence takes. Default 64. */
  contextSize?: number;
}

/** What llama.cpp gives each id at each position: probabilities, `[batch][seq][vocab]`. */
export async function llamaCpp(request: LlamaCppRequest): Promise<number[][][]> {
  return (await run<number[][][]>(request)).results;
}

/** The most probable ids at a position, the first first. */
export type Best = [id: number, probability: number][];

/**
 * The `best` most probable ids at each position, `[batch][seq]`. With `greedy`, each sequence goes on with so many ids of
 * llama.cpp's own choice, and their positions follow.
 */
export async function llamaCppBest(request: LlamaCppRequest & { best: number; greedy?: number }): Promise<Best[][]> {
  return (await run<Best[][]>(request)).results;
}

/** Ids of texts, special tokens in them recognised and none added. */
export async function llamaCppTokens(base: string, texts: string[]): Promise<number[][]> {
  return (await run({ base, texts })).tokens;
}

async function run<Results>(request: object): Promise<{ tokens: number[][]; results: Results }> {
  const script = fileURLToPath(new URL('../llama-cpp.mjs', import.meta.url));
  const options = { maxBuffer: 2 ** 29 };
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(request)], options);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n')));
}
