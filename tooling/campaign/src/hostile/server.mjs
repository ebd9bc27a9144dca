import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

export const commit = 'a'.repeat(40);

/** What an honest repository of two files answers; a case replaces some of it. */
const honest = {
  files: { 'config.json': Buffer.from('{}'), 'model.safetensors': Buffer.from('weights') },
  revision: (_, response) => json(response, { _id: '1', id: 'org/m', sha: commit, private: false, siblings: [] }),
  tree: (_, response, { files }) => json(response, Object.entries(files).map(listed)),
  resolve(request, response, { files }) {
    const path = decodeURIComponent(new URL(request.url, 'http://hub').pathname).split(`${commit}/`)[1];
    sendRange(request, response, files[path] ?? Buffer.from(''));
  },
};

/**
 * Serves one repository, `org/m`, to this machine.
 *
 * @param given `files`, and the answers `revision`, `tree` and `resolve`: functions of request, response and all of them
 * @returns `{ endpoint, largestFile, close() }`, `largestFile` in bytes
 */
export async function hostileHub(given) {
  const answers = { ...honest, ...given };
  const server = createServer((request, response) => {
    response.on('error', () => {}); // the client may go away in the midst of a body
    const { pathname } = new URL(request.url, 'http://hub');
    const kind = pathname.includes('/revision/') ? 'revision' : pathname.includes('/tree/') ? 'tree' : 'resolve';
    answers[kind](request, response, answers);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    largestFile: Math.max(...Object.values(answers.files).map(({ length }) => length)),
    close() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

export function json(response, value, headers = {}) {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** An entry of the hub's listing: weights lie in LFS. */
export function listed([path, bytes]) {
  const size = bytes.length;
  const sha1 = (of) => createHash('sha1').update(`blob ${of.length}\0`).update(of).digest('hex');
  if (!/\.(safetensors|gguf)$/.test(path)) return { type: 'file', path, size, oid: sha1(bytes) };
  const oid = createHash('sha256').update(bytes).digest('hex');
  return { type: 'file', path, size, oid: sha1(Buffer.from(oid)), lfs: { oid, size, pointerSize: 134 } };
}

function sendRange(request, response, bytes) {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const body = bytes.subarray(from);
  const range = from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length, ...range }).end(body);
}

/** Sends `part` until the client goes away. */
export function endless(response, part) {
  const more = () => {
    while (!response.destroyed && response.write(part));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}
