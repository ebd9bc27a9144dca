// A registry of our tarballs alone, on this machine alone: what npm, pnpm and yarn ask about `@lowrank/…` before it is published.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';

/** @returns `{ origin, tarballOf(name), close() }`; the caller closes it. */
export async function serveTarballs(packed) {
  const bodies = new Map();
  const server = createServer((request, response) => {
    const body = bodies.get(decodeURIComponent(request.url).toLowerCase());
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(body ?? '{}');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const urls = new Map(packed.map(({ manifest, tarball }) => [manifest.name, `${origin}/-/${basename(tarball)}`]));
  for (const one of packed) {
    const bytes = readFileSync(one.tarball);
    bodies.set(`/-/${basename(one.tarball)}`, bytes);
    bodies.set(`/${one.manifest.name}`, JSON.stringify(documentOf(one.manifest, urls.get(one.manifest.name), bytes)));
  }
  return {
    origin,
    tarballOf: (name) => urls.get(name),
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

function documentOf(manifest, tarball, bytes) {
  const hash = (name, encoding) => createHash(name).update(bytes).digest(encoding);
  const dist = { tarball, shasum: hash('sha1', 'hex'), integrity: `sha512-${hash('sha512', 'base64')}` };
  const { name, version } = manifest;
  // Old enough for those that wait some days before they take what is new.
  const time = { created: '2020-01-01T00:00:00.000Z', [version]: '2020-01-01T00:00:00.000Z' };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } }, time };
}
