import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';

export interface ServedFiles {
  /** Text by its path, such as `/main.js`. */
  texts?: Record<string, string>;
  /** Folders by the path before their files, such as `/wasm/`. */
  folders?: Record<string, string>;
  /** Whether pages are cross-origin isolated, by headers that many static hosts cannot send. Default true. */
  isolated?: boolean;
}

export interface Served {
  /** `http://127.0.0.1:port` */
  origin: string;
  close(): Promise<void>;
}

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves files to this machine alone. The caller closes it. */
export async function serve({ texts = {}, folders = {}, isolated = true }: ServedFiles): Promise<Served> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://local').pathname);
    const headers = {
      'content-type': types[extname(path)] ?? (path.endsWith('/') ? 'text/html' : 'application/octet-stream'),
      ...(isolated && isolation),
    };
    find(path, texts, folders).then(
      (content) => response.writeHead(200, headers).end(content),
      () => response.writeHead(404, headers).end(),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function find(path: string, texts: Record<string, string>, folders: Record<string, string>) {
  const text = texts[path];
  if (text !== undefined) return text;
  for (const [before, folder] of Object.entries(folders)) {
    const root = resolve(folder);
    const file = resolve(root, path.slice(before.length));
    if (path.startsWith(before) && file.startsWith(root + sep)) return readFile(file);
  }
  throw new Error(`nothing at ${path}`);
}
