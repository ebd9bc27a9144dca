import { LowrankError } from '@lowrank/core';
import { hubFetch, type HubFetchOptions } from './hub-fetch.js';
import { repoFile, type RepoFile } from './repo-file.js';
import { untrusted } from './untrusted.js';

/** A model's repository on the hub. Every call throws `hub-refused`, `hub-unreachable` or `file-invalid`. */
export interface HubRepo {
  /** The commit that a branch or tag stands at. */
  commitOf(revision: string): Promise<string>;
  /** All files of a commit, their names, sizes and hashes checked, by path. */
  list(commit: string): Promise<Map<string, RepoFile>>;
  /** The bytes of a file from an offset on. Breaks off with the network's error. */
  open(commit: string, file: RepoFile, from: number): Promise<ReadableStream<Uint8Array>>;
}

const mostFiles = 20_000;
const mostPages = 200;

/** Through the hub's own client, which is loaded by the first request. */
export function hubRepo(options: HubFetchOptions): HubRepo {
  const { endpoint: hubUrl, repo } = options;
  const client = import('@huggingface/hub');
  client.catch(() => {});
  const common = { hubUrl, fetch: hubFetch(options) };
  return {
    async commitOf(revision) {
      const { modelInfo } = await client;
      const info = await understood(repo, () =>
        modelInfo({ ...common, name: repo, revision, additionalFields: ['sha'] }),
      );
      const sha: unknown = info.sha;
      if (typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha)) return sha;
      throw untrusted(`${repo}@${revision}`, `the hub gives the commit ${JSON.stringify(sha)?.slice(0, 120)}`);
    },
    async list(commit) {
      const { listFiles } = await client;
      return understood(repo, async () => {
        const files = new Map<string, RepoFile>();
        let [entries, pages] = [0, 0];
        const paged: typeof fetch = (...request) => {
          if (++pages > mostPages) throw untrusted(repo, `its listing has more than ${mostPages} pages`);
          return common.fetch(...request);
        };
        for await (const entry of listFiles({ ...common, fetch: paged, repo, revision: commit, recursive: true })) {
          if (++entries > mostFiles) throw untrusted(repo, `it lists more than ${mostFiles} files`);
          if (entry?.type === 'directory') continue;
          const file = repoFile(repo, entry);
          if (files.has(file.path)) throw untrusted(`${repo}/${file.path}`, 'it is listed twice');
          files.set(file.path, file);
        }
        return files;
      });
    },
    async open(commit, { path, size, hash }, from) {
      const { downloadFile } = await client;
      // The client's stream gives only the text of an error: the error itself is kept here.
      let failure: unknown;
      const keeping: typeof fetch = (...request) =>
        common.fetch(...request).catch((error: unknown) => {
          failure = error;
          throw error;
        });
      const url = `${hubUrl}/${repo}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
      const downloadInfo = { url, size, etag: hash };
      const blob = await downloadFile({ repo, path, revision: commit, downloadInfo, xet: false, fetch: keeping });
      const stream = (from === 0 ? blob : blob?.slice(from, size))?.stream() as ReadableStream<Uint8Array>;
      return rethrowing(stream, () => failure);
    },
  };
}

/** What the client trips over in a malformed answer, said as such. */
async function understood<Result>(repo: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (LowrankError.is(error) || !(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new LowrankError('file-invalid', {
      given: repo,
      rule: `the hub's answer is none of its API (${error.message})`,
      fix: 'check the endpoint: something else may answer there',
      cause: error,
    });
  }
}

function rethrowing(stream: ReadableStream<Uint8Array>, failure: () => unknown): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw failure() ?? error;
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
