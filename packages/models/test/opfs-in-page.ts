import { fetchModel, readModules } from '@lowrank/models';

export interface FetchedInPage {
  cut: string;
  /** Ranges are seen by the server; these are the events after the cut. */
  first: number;
  total: number;
  paths: string[];
  /** SHA-256 of the weights as they are read in parts through the folder. */
  sha256: string;
  modules: number;
  offline: string;
  damaged: string;
}

interface Argument {
  endpoint: string;
  /** Serves `org/m` cut once, then whole, then `org/bad` with other bytes. */
  steps: { cut: string; mend: string };
}

/** Run in a page: a fetch that is cut, gone on with, read in ranges, and found again with the network off. */
export default async function opfsInPage({ endpoint, steps }: Argument): Promise<FetchedInPage> {
  const message = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
  await fetch(endpoint + steps.cut);
  const cut = await message(fetchModel('org/m', { endpoint, retries: 0 }));
  await fetch(endpoint + steps.mend);
  let first: number | undefined;
  const onProgress = ({ file, bytes }: { file: string; bytes: number }) => {
    if (file.endsWith('safetensors')) first ??= bytes;
  };
  const fetched = await fetchModel('org/m', { endpoint, onProgress });
  const source = await fetched.open('model.safetensors');
  if (!source) throw new Error('no weights');
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < source.size; at += 50_000) {
    parts.push((await source.read(at, Math.min(50_000, source.size - at))) as Uint8Array<ArrayBuffer>);
  }
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    cut,
    first: first ?? -1,
    total: source.size,
    paths: fetched.files.map(({ path }) => path),
    sha256: hex,
    modules: (await readModules(fetched)).length,
    offline: (await fetchModel('org/m', { endpoint: 'http://127.0.0.1:9', offline: true })).commit,
    damaged: await message(fetchModel('org/bad', { endpoint })),
  };
}
