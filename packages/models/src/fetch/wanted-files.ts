import { LowrankError } from '@lowrank/core';
import { parseJsonObject } from '@lowrank/formats';
import { readBytes, type ModelFolder } from '../folder/model-folder.js';
import { shardNames } from '../folder/shard-names.js';
import { absent, chooseFiles, type Choice } from './choose-files.js';
import type { RepoFile } from './repo-file.js';

/** Which files of a repository someone wants. */
export interface Wanted {
  repo: string;
  /** The one `.gguf`. */
  file?: string | undefined;
  /** Exactly these, instead of those that lowrank needs. */
  files?: string[] | undefined;
}

/** The choice among what is there. Throws `file-missing`. */
export function choiceOf({ repo, file, files }: Wanted, there: ReadonlyMap<string, unknown>): Choice {
  if (!files) return chooseFiles(repo, there.keys(), file);
  const lacking = files.find((name) => !there.has(name));
  if (lacking !== undefined) throw absent(repo, lacking, there.keys());
  return { paths: files };
}

/** The shards that a choice's index names, each of them there; none where it has no index. Throws `file-missing`. */
export async function shardsOf(
  repo: string,
  { index }: Choice,
  folder: ModelFolder,
  there: ReadonlyMap<string, unknown>,
): Promise<string[]> {
  if (index === undefined) return [];
  const bytes = await readBytes(folder, index);
  const shards = bytes ? shardNames(`${repo}/${index}`, parseJsonObject(`${repo}/${index}`, bytes)) : [];
  const lacking = shards.find((name) => !there.has(name));
  if (lacking === undefined) return shards;
  throw absent(repo, lacking, there.keys());
}

/** Text files are read whole: one of gigabytes is no configuration. */
const largestText = 2 ** 27;

/** Throws `file-invalid` for a text file of more than 128 MiB. */
export function checkSize(repo: string, { path, size }: RepoFile): void {
  if (size <= largestText || /\.(safetensors|gguf)$/.test(path)) return;
  throw new LowrankError('file-invalid', {
    given: `${repo}/${path}: ${size} bytes`,
    rule: `a file of this kind has ${largestText} at most`,
    fix: 'do not trust this repository, or its mirror',
  });
}
