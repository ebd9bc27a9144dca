import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { wrongOption } from '../output/usage-error.js';
import { unreadable, yamlEntries } from './yaml-entries.js';
import type { ConfigEntry } from './config-entry.js';

/**
 * The keys of a config file: `.yaml`, `.yml` or `.json`, or a module (`.ts`, `.js`, `.mjs`) whose default export is the
 * object. Throws a usage error for a file that is not there, does not parse or holds no object.
 */
export async function readConfigFile(path: string): Promise<ConfigEntry[]> {
  const source = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const rule = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw wrongOption({ given: `--config ${path}`, rule, fix: 'name another, or write one with: lowrank init' });
  });
  const kind = extname(path).toLowerCase();
  if (['.yaml', '.yml', '.json'].includes(kind)) return yamlEntries(path, source);
  if (['.ts', '.mts', '.js', '.mjs'].includes(kind)) return fromModule(path, source);
  throw wrongOption({
    given: `--config ${path}`,
    rule: 'a config is a .yaml, .yml, .json, .ts, .mts, .js or .mjs file',
    fix: 'rename it',
  });
}

async function fromModule(path: string, source: string): Promise<ConfigEntry[]> {
  const { createJiti } = await import('jiti');
  const url = pathToFileURL(resolve(path)).href;
  const config: unknown = await createJiti(import.meta.url)
    .import(url, { default: true })
    .catch((cause: unknown) => {
      throw unreadable(path, cause instanceof Error ? cause.message : String(cause));
    });
  if (config === null || typeof config !== 'object' || Array.isArray(config)) {
    throw unreadable(path, 'its default export is no object of options');
  }
  const lines = source.split('\n');
  return Object.entries(config).map(([key, value]) => {
    const line = lines.findIndex((text) => new RegExp(`(?<![\\w$])['"]?${escaped(key)}['"]?\\s*[:,]`).test(text));
    return { key, value: value as unknown, where: line < 0 ? path : `${path}:${line + 1}` };
  });
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
