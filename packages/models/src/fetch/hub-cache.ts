import type { ModelFolder } from '../folder/model-folder.js';
import type { RepoFile } from './repo-file.js';

/** Where what came from the hub is kept: folders on a disk, or a browser's own. */
export interface HubCache {
  /** For messages. */
  readonly name: string;
  /** Ids of the models that it has something of. */
  repos(): Promise<string[]>;
  repo(id: string): RepoCache;
}

/** One repository's part of a cache. Its files are named by what is in them, and snapshots point to them. */
export interface RepoCache {
  /** The commit that a branch or tag stood at when it was last looked up. */
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  /** The files of a commit that are there, by path. Throws `file-invalid` for one that leads outside. */
  list(commit: string): Promise<Map<string, CachedFile>>;
  /** Texts that fetches of a commit leave for later ones, by name. */
  readNote(commit: string, name: string): Promise<string | undefined>;
  writeNote(commit: string, name: string, text: string): Promise<void>;
  /** Where the files of a commit are read from. */
  folder(commit: string): CachedFolder;
  /** Whether a commit's file, or only its bytes, are there in full length. */
  has(commit: string, file: RepoFile): Promise<'file' | 'bytes' | undefined>;
  /** Lets a commit have a file whose bytes are there. */
  link(commit: string, file: RepoFile): Promise<void>;
  /** The bytes of a file as far as an earlier try got, for this process alone. */
  partial(file: RepoFile): Promise<PartialFile>;
  /** Throws `file-unwritable` where so many bytes more do not fit. */
  reserve(bytes: number): Promise<void>;
}

/** A file as the cache has it; its hash where the cache tells. */
export type CachedFile = Pick<RepoFile, 'path' | 'size'> & Partial<RepoFile>;

/** A snapshot as a model's folder. */
export interface CachedFolder extends ModelFolder {
  /** The same on the disk, in Node. */
  path?: string;
}

/** A file that is on its way. Its writers throw `file-unwritable`. */
export interface PartialFile {
  /** Bytes that it has. */
  readonly size: number;
  /** Its bytes so far, part by part. */
  read(): AsyncIterable<Uint8Array>;
  append(bytes: Uint8Array): Promise<void>;
  /** Takes away what is there, to begin anew. */
  clear(): Promise<void>;
  /** Makes it a file of the cache, on the disk for good. */
  finish(): Promise<void>;
  /** Leaves it for a later try, unless it was finished. */
  release(): Promise<void>;
}
