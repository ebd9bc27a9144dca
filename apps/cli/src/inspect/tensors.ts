import { fileSource, openGguf, openSafetensors, type GgufFile } from '@lowrank/formats';
import { table } from '../output/table.js';
import { countText } from '../output/units.js';

interface Listed {
  name: string;
  dtype: string;
  shape: readonly number[];
}

/** Prints the tensors of a safetensors file, from its header alone. */
export async function printSafetensors(path: string, json: boolean): Promise<void> {
  const file = await openSafetensors(await fileSource(path));
  await file.close();
  const tensors = Array.from(file.tensors, ([name, { dtype, shape }]) => ({ name, dtype, shape }));
  print({ type: 'safetensors', path, metadata: file.metadata, tensors }, json);
}

/** Prints the metadata and tensors of a GGUF model, from its header alone. */
export function printGgufModel({ name: path, metadata, tensors }: GgufFile, json: boolean): void {
  const listed = Array.from(tensors, ([name, { type, shape }]) => ({ name, dtype: type, shape }));
  const facts = Object.fromEntries(Array.from(metadata, ([key, value]) => [key, shortened(value)]));
  print({ type: 'gguf-model', path, metadata: facts, tensors: listed }, json);
}

/** What opens a GGUF file, for both of its kinds. */
export async function openGgufFile(path: string): Promise<GgufFile> {
  return openGguf(await fileSource(path));
}

interface Listing {
  type: string;
  path: string;
  metadata: Readonly<Record<string, unknown>>;
  tensors: Listed[];
}

function print({ tensors, ...rest }: Listing, json: boolean): void {
  const counts = tensors.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const parameters = counts.reduce((sum, count) => sum + count, 0);
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))].sort();
  if (json) {
    console.log(JSON.stringify({ ...rest, parameters, dtypes, tensors }));
    return;
  }
  console.log(`${countText(parameters)} values in ${tensors.length} tensors, as ${dtypes.join(', ') || 'nothing'}`);
  for (const [key, value] of Object.entries(rest.metadata)) console.log(`  ${key}: ${String(value)}`);
  console.log('');
  const rows = tensors.map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(', ')}]`]);
  for (const line of table([['tensor', 'dtype', 'shape'], ...rows])) console.log(line);
}

/** A list as its length where it is long: vocabularies are. */
function shortened(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  const list = Array.from(value as ArrayLike<unknown>, (item) => (typeof item === 'bigint' ? String(item) : item));
  return list.length > 16 ? `a list of ${list.length}` : list;
}
