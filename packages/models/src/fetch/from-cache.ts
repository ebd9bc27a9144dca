import { LowrankError, nearest } from '@lowrank/core';
import type { CachedFile, HubCache, RepoCache } from './hub-cache.js';
import { choiceOf, shardsOf, type Wanted } from './wanted-files.js';

/** What a cache has of a commit. */
export interface Cached {
  files: CachedFile[];
  gguf?: string;
  /** Whether it is certain that nothing else is wanted. */
  complete: boolean;
}

/** The files of a commit that are wanted, from the cache alone. Throws `file-missing` where one is not there. */
export async function fromCache(cache: RepoCache, commit: string, wanted: Wanted): Promise<Cached> {
  const there = await cache.list(commit);
  const note = wanted.files ? undefined : await cache.readNote(commit, noteName(wanted));
  const noted = note?.split('\n');
  const choice = choiceOf(wanted, there);
  const shards = await shardsOf(wanted.repo, choice, cache.folder(commit), there);
  const paths = [...choice.paths, ...shards];
  // Python's cache does not say what the commit has besides: what makes a whole model or adapter is taken for all.
  const enough =
    wanted.files || wanted.file || ['tokenizer.json', 'adapter_config.json'].some((name) => there.has(name));
  const complete = noted ? noted.every((path) => there.has(path)) : Boolean(enough);
  const files = paths.map((path) => there.get(path) as CachedFile);
  return { files, complete, ...(choice.gguf !== undefined && { gguf: choice.gguf }) };
}

/** What a finished fetch's note is called, by what was wanted. */
export function noteName({ file }: Wanted): string {
  return file ?? 'model';
}

/** That a model is not in the cache, and what is; `cause` is why the hub could not be asked, where it was. */
export async function notCached(
  cache: HubCache,
  id: string,
  cause: LowrankError | undefined,
  lacking?: LowrankError,
): Promise<LowrankError> {
  const there = nearest(id, await cache.repos(), 5);
  const part = lacking ? `of it only a part is in ${cache.name} (${lacking.rule})` : `it is not in ${cache.name}`;
  const has = there.length > 0 ? `there: ${there.join(', ')}` : 'the cache is empty';
  return new LowrankError(cause ? 'hub-unreachable' : 'file-missing', {
    given: id,
    rule: `${cause ? `${cause.given} ${cause.rule}` : 'the hub is not asked (offline)'}, and ${part}`,
    fix: `fetch it with the network; ${has}`,
    cause: cause ?? lacking,
  });
}
