// The repository's Markdown as pages of the site, with links that hold there.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { pages, root, site } from './folders.mjs';

const code = /^(`{3,}).*?^\1$|`[^`\n]*`/gms;
const link = /(?<=\]\()[^)\s]+(?=\))/g;

/** Writes `docs/` and every README into the pages. @returns what links to nothing, as `docs/rank.md: missing.md`. */
export function writePages() {
  cpSync(join(site, 'index.md'), join(pages, 'index.md'));
  const pageOf = new Map(markdownFiles().map((path) => [path, pagePath(path)]));
  const dead = [];
  for (const [path, page] of pageOf) {
    const text = outsideCode(readFileSync(join(root, path), 'utf8'), (target) => {
      const moved = movedLink(target, path, page, pageOf);
      if (moved === undefined) dead.push(`${path}: ${target}`);
      return moved ?? target;
    });
    write(join(pages, page), text);
  }
  return dead;
}

/** Markdown files by their path from the root. */
function markdownFiles() {
  const groups = ['packages', 'apps', 'examples', 'tooling'];
  const readmes = groups.flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`));
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const others = ['README.md', 'CONTRIBUTING.md', 'packages/tiny-base/model/README.md'];
  return [...docs.map((name) => `docs/${name}`), ...readmes, ...others].filter((path) => existsSync(join(root, path)));
}

/** `docs/rank.md` is `rank.md`, `packages/core/README.md` is `packages/core.md`. */
function pagePath(path) {
  if (path === 'README.md') return 'overview.md';
  return path.replace(/^docs\//, '').replace(/\/README\.md$/, '.md');
}

function outsideCode(markdown, replace) {
  let at = 0;
  let text = '';
  for (const { index, 0: kept } of markdown.matchAll(code)) {
    text += markdown.slice(at, index).replaceAll(link, replace) + kept;
    at = index + kept.length;
  }
  return text + markdown.slice(at).replaceAll(link, replace);
}

/** Where a link of a file leads on the site: to a page, a picture, or a copy of a source file as text. */
function movedLink(target, path, page, pageOf) {
  if (/^(https?:|#)/.test(target)) return target;
  const [, relative, anchor] = /^([^#]*)(.*)$/.exec(target);
  const file = fileOf(posix.join(posix.dirname(path), relative).replace(/\/$/, ''));
  if (file === undefined) return undefined;
  const other = pageOf.get(file);
  if (other) return `./${posix.relative(posix.dirname(page), other)}${anchor}`;
  const copy = ['.svg', '.png', '.jpg'].includes(extname(file)) ? `pictures/${file}` : `source/${file}.txt`;
  write(join(pages, 'public', copy), contentOf(join(root, file)));
  return `/${copy}`;
}

/** The file that a path names: of a folder its README or its main file, where it has one. */
function fileOf(path) {
  if (!existsSync(join(root, path))) return undefined;
  const inside = ['README.md', 'main.mjs'].find((name) => existsSync(join(root, path, name)));
  return inside ? posix.join(path, inside) : path;
}

/** The bytes of a file, or the names in a folder. */
function contentOf(path) {
  return statSync(path).isDirectory() ? readdirSync(path).join('\n') : readFileSync(path);
}

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
