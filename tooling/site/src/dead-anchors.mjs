import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { dist } from './folders.mjs';

/** @returns the links of the built pages to a heading that is not there, as `rank.html: manager.html#gone`. */
export function deadAnchors() {
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const html = new Map(names.map((name) => [name, readFileSync(join(dist, name), 'utf8')]));
  const ids = new Map(
    [...html].map(([name, text]) => [name, new Set([...text.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]))]),
  );
  return [...html].flatMap(([name, text]) =>
    [...text.matchAll(/ href="([^"#]*)#([^"]+)"/g)].flatMap(([, path, anchor]) => {
      const target = path === '' ? name : new URL(path, `http://site/${name}`).pathname.slice(1);
      const there = ids.get(target)?.has(decodeURIComponent(anchor)) ?? path.startsWith('http');
      return there ? [] : [`${name}: ${path}#${anchor}`];
    }),
  );
}
