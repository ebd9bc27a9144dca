import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../../docs/averaging.md', import.meta.url);

/** Puts a table between `<!-- name -->` and `<!-- /name -->` of docs/averaging.md. */
export async function fill(name, table) {
  const text = await readFile(page, 'utf8');
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  await writeFile(
    page,
    text.replace(marked, (_, start, end) => `${start}\n${table}\n\n${end}`),
  );
}

/** @param lines cells of each line below the heads */
export function tableOf(heads, lines) {
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
