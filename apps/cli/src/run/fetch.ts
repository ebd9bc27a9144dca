import { fromHub } from '../inputs/hub-source.js';
import { table } from '../output/table.js';
import { bytesText } from '../output/units.js';

export interface FetchFlags {
  id: string;
  file?: string[];
  offline?: boolean;
  json?: boolean;
}

/** Brings a model into the cache and prints its folder, commit and files. */
export async function runFetch({ id, file, offline, json }: FetchFlags): Promise<void> {
  const { repo, revision, commit, path, gguf, files } = await fromHub(id, { offline, json, files: file });
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (json) {
    console.log(JSON.stringify({ type: 'result', repo, revision, commit, path, gguf: gguf ?? null, bytes, files }));
    return;
  }
  console.log(path);
  console.log(`${repo} at ${revision}, commit ${commit}, ${bytesText(bytes)}\n`);
  const rows = files.map((one) => [one.path, bytesText(one.size), one.hash ?? '']);
  for (const line of table([['file', 'size', 'hash'], ...rows])) console.log(line);
}
