import { LowrankError } from '@lowrank/core';
import { fetchFiles, type FetchFilesOptions, type FetchProgress } from './fetch-files.js';
import { fromCache, notCached, noteName } from './from-cache.js';
import type { CachedFile, CachedFolder, HubCache, RepoCache } from './hub-cache.js';
import { hubRepo, type HubRepo } from './hub-repo.js';
import { hubSettings, type HubSettingsInput } from './hub-settings.js';
import { isRevision, modelId } from './model-id.js';
import { openCache } from './open-cache.js';
import type { RepoFile } from './repo-file.js';
import { checkSize, choiceOf, shardsOf, type Wanted } from './wanted-files.js';

export interface FetchOptions extends HubSettingsInput {
  /** A branch, a tag or a commit, where the id names none. Default `main`. */
  revision?: string | undefined;
  /** Exactly these files, instead of those that lowrank needs. */
  files?: string[] | undefined;
  /** How often a request is made again that met a failing network or hub. Default 4. */
  retries?: number | undefined;
  /** Is told how far it is, as bytes come. */
  onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** Ends it; what came so far is kept for the next try. */
  signal?: AbortSignal | undefined;
}

/** A model, or an adapter, in the cache: a folder to load from. */
export interface FetchedModel extends CachedFolder {
  repo: string;
  revision: string;
  /** The commit that the revision stood at: 40 hexadecimal digits. */
  commit: string;
  /** What of it was asked for; `hash` is SHA-256, or git's SHA-1 of a small file, where the cache tells. */
  files: CachedFile[];
  /** The path below the folder of the model's `.gguf`, where it is one. */
  gguf?: string;
  /** Whether the hub was asked where the revision stands, or need not be. */
  current: boolean;
}

/**
 * Brings a model or an adapter from the hub into a cache and gives it as a folder for `loadModel`, `loadTokenizer` and
 * `readModules`; in Node its `path` serves `readPeft` too. The cache is that of Hugging Face's own libraries, or in a
 * browser a folder of OPFS. Each file is held to the hash that the hub lists; an interrupted one is gone on with. A
 * commit that is whole in the cache is taken from there without the network, and so is anything with `offline`.
 *
 * @param id `owner/name`, `owner/name@revision` or `owner/name/file.gguf`
 * @throws `config-invalid`, `hub-refused`, `hub-unreachable`, `file-missing`, `file-invalid`, `file-unwritable`, or the
 *   reason of `signal`
 */
export async function fetchModel(id: string, options: FetchOptions = {}): Promise<FetchedModel> {
  const { repo, file, revision: named } = modelId(id);
  const { retries = 4, signal, onProgress, files } = options;
  const revision = checkedRevision(named, options.revision);
  const settings = hubSettings(options);
  const all = openCache(settings.cacheDir);
  const cache = all.repo(repo);
  const job: Job = { id, revision, pinned: isCommit(revision), wanted: { repo, file, files }, all, cache };
  signal?.throwIfAborted();
  const known = job.pinned ? revision : await cache.readRef(revision);
  if (settings.offline) return lastKnown(job, known);
  const there = job.pinned ? await ifComplete(job, revision) : undefined;
  if (there) return there;

  const reach = (times: number) => hubRepo({ ...settings, repo, retries: times, signal });
  // Where the cache may have an answer, a dead network is not waited for.
  const quick = reach(known === undefined ? retries : Math.min(retries, 1));
  let found: FetchedModel | Listing;
  try {
    found = await ask(job, quick);
  } catch (error) {
    if (LowrankError.is(error, 'hub-unreachable')) return lastKnown(job, known, error);
    throw error;
  }
  if ('listed' in found) found = await bring(job, found, { hub: reach(retries), cache, retries, onProgress, signal });
  if (!job.pinned) await cache.writeRef(revision, found.commit).catch(() => {});
  return found;
}

interface Job {
  id: string;
  revision: string;
  /** Whether the revision is a commit. */
  pinned: boolean;
  wanted: Wanted;
  all: HubCache;
  cache: RepoCache;
}

/** All files of a commit on the hub. */
interface Listing {
  commit: string;
  listed: Map<string, RepoFile>;
}

async function ask(job: Job, hub: HubRepo): Promise<FetchedModel | Listing> {
  const commit = job.pinned ? job.revision : await hub.commitOf(job.revision);
  const there = job.pinned ? undefined : await ifComplete(job, commit);
  return there ?? { commit, listed: await hub.list(commit) };
}

async function ifComplete({ revision, wanted, cache }: Job, commit: string): Promise<FetchedModel | undefined> {
  const found = await fromCache(cache, commit, wanted).catch((error: unknown) => {
    if (LowrankError.is(error, 'file-missing')) return undefined;
    throw error;
  });
  return found?.complete ? { ...cache.folder(commit), ...facts(wanted, revision, commit, found) } : undefined;
}

/** What the cache has, where the hub is not asked, or cannot be (`cause`). */
async function lastKnown(job: Job, commit: string | undefined, cause?: LowrankError): Promise<FetchedModel> {
  const { id, revision, wanted, all, cache } = job;
  if (commit === undefined) throw await notCached(all, id, cause);
  const found = await fromCache(cache, commit, wanted).catch(async (error: unknown) => {
    throw LowrankError.is(error, 'file-missing') ? await notCached(all, id, cause, error) : error;
  });
  const current = job.pinned || cause === undefined;
  return { ...cache.folder(commit), ...facts(wanted, revision, commit, found), current };
}

async function bring(
  { revision, wanted, cache }: Job,
  { commit, listed }: Listing,
  options: Omit<FetchFilesOptions, 'repo' | 'commit'>,
): Promise<FetchedModel> {
  const { repo } = wanted;
  const choice = choiceOf(wanted, listed);
  const of = (paths: string[]) => paths.map((path) => listed.get(path) as RepoFile);
  for (const file of of(choice.paths)) checkSize(repo, file);
  await fetchFiles(of(choice.paths), { ...options, repo, commit });
  const shards = await shardsOf(repo, choice, cache.folder(commit), listed);
  await fetchFiles(of(shards), { ...options, repo, commit });
  const paths = [...choice.paths, ...shards];
  if (!wanted.files) await cache.writeNote(commit, noteName(wanted), paths.join('\n'));
  return { ...cache.folder(commit), ...facts(wanted, revision, commit, { ...choice, files: of(paths) }) };
}

function facts(
  { repo }: Wanted,
  revision: string,
  commit: string,
  { files, gguf }: { files: CachedFile[]; gguf?: string },
): Omit<FetchedModel, keyof CachedFolder> {
  return { repo, revision, commit, files, current: true, ...(gguf !== undefined && { gguf }) };
}

function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function checkedRevision(named: string | undefined, given: string | undefined): string {
  const revision = given ?? named ?? 'main';
  if (isRevision(revision) && (named === undefined || named === revision)) return revision;
  throw new LowrankError('config-invalid', {
    given: `revision: ${JSON.stringify(revision)}`,
    rule: named === undefined ? 'it is no branch, tag or commit' : `the id names another, ${named}`,
    fix: 'give one, after the @ of the id or as an option',
  });
}
