import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { commit, endless, json, listed } from './server.mjs';

const spaces = Buffer.alloc(2 ** 20, ' ');
const good = listed(['config.json', Buffer.from('{}')]);
const named = (path) => ({ tree: (_, response) => json(response, [good, { ...good, path }]) });
const repo = (cache) => join(cache, 'models--org--m');
const linked = (part) => async (cache, outside) => {
  await mkdir(dirname(join(repo(cache), part)), { recursive: true });
  await symlink(outside, join(repo(cache), part));
};

/**
 * What a hostile hub does. Each must end in a LowrankError, `hides` apart, which end as they may; `slow` ones only after some tries.
 *
 * @param names how many a huge listing or index has
 * @param outside a folder beside the cache that nothing may be written in
 */
export const cases = ({ names, outside }) => [
  ...Object.entries({
    'a name upwards': '../outside/x',
    'a name upwards from within': 'a/../../outside/x',
    'an absolute name': join(outside, 'x'),
    'a name with backslashes': '..\\outside\\x',
    'a drive letter': 'C:x',
    'a name with NUL': 'a\0b',
    'a name of a folder above': '..',
    'an empty name': '',
    'a name of 2,000 characters': `${'a/'.repeat(1000)}x`,
  }).map(([what, path]) => ({ what, answers: named(path), short: path === '../outside/x' })),
  { what: 'a name in percent signs', answers: named('%2e%2e/outside/x'), hides: true },
  {
    what: 'an index whose shards lie upwards',
    answers: { files: { 'config.json': Buffer.from('{}'), ...index({ a: '../outside/x.safetensors' }) } },
  },
  {
    what: `an index of ${names.toLocaleString('en')} names`,
    answers: {
      get files() {
        const entries = Array.from({ length: names }, (_, at) => [`layer.${at}.weight`, 'model-00001.safetensors']);
        return { 'config.json': Buffer.from('{}'), ...index(Object.fromEntries(entries)) };
      },
    },
    short: true,
  },
  {
    what: `a listing of ${names.toLocaleString('en')} names in one page`,
    answers: {
      tree: (_, response) =>
        json(
          response,
          Array.from({ length: names }, (_, at) => ({ ...good, path: `f${at}` })),
        ),
    },
  },
  { what: 'a listing of pages of names without end', answers: { tree: pages(1000) } },
  { what: 'a listing of empty pages without end', answers: { tree: pages(0) }, short: true },
  { what: 'a listing whose body never ends', answers: { tree: (_, response) => body(response, spaces) }, short: true },
  { what: 'a listing that unpacks to 8 GiB', answers: { tree: (_, response) => bomb(response, 2 ** 13) }, short: true },
  { what: 'a commit that is a path', answers: { revision: (_, response) => json(response, { sha: '../../outside' }) } },
  { what: 'an answer about the model that never ends', answers: { revision: (_, response) => body(response, spaces) } },
  { what: 'weights whose body never ends', answers: { resolve: forWeights((response) => body(response, spaces)) } },
  { what: 'weights that unpack to 8 GiB', answers: { resolve: forWeights((response) => bomb(response, 2 ** 13)) } },
  { what: 'other weights than its hash says', answers: { resolve: forWeights((response) => response.end('swapped')) } },
  { what: 'fewer bytes than listed', answers: { resolve: forWeights((response) => response.end('w')) }, slow: true },
  {
    what: 'fewer bytes than the answer itself says',
    answers: { resolve: forWeights((response) => cut(response.writeHead(200, { 'content-length': 7 }))) },
    slow: true,
  },
  {
    what: 'a redirect to itself',
    answers: { resolve: (request, response) => redirect(response, request.url) },
    slow: true,
  },
  {
    what: 'redirects without end',
    answers: { resolve: ({ url }, response) => redirect(response, `${url}?${Math.random()}`) },
    slow: true,
  },
  {
    what: 'a redirect to a file of this machine',
    answers: { resolve: (_, response) => redirect(response, 'file:///etc/hostname') },
    slow: true,
  },
  { what: 'a cache whose blobs are a link outside', before: linked('blobs'), answers: {}, short: true },
  { what: 'a cache whose snapshot is a link outside', before: linked(`snapshots/${commit}`), answers: {} },
];

function index(map) {
  return { 'model.safetensors.index.json': Buffer.from(JSON.stringify({ metadata: {}, weight_map: map })) };
}

/** Pages of so many new names each, and always one more. */
function pages(count) {
  let page = 0;
  return ({ url, headers }, response) => {
    page += 1;
    const entries = Array.from({ length: count }, (_, at) => ({ ...good, path: `${page}/${at}` }));
    const next = `http://${headers.host}${url.replace(/&cursor=\d+/, '')}&cursor=${page}`;
    json(response, entries, { link: `<${next}>; rel="next"` });
  };
}

/** Honest but for the weights. */
function forWeights(answer) {
  return (request, response) => {
    if (request.url.endsWith('model.safetensors')) answer(response);
    else response.end('{}');
  };
}

function body(response, part) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('[');
  endless(response, part);
}

/** So many MiB of spaces, packed. */
function bomb(response, mebibytes) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
  const parts = Readable.from(
    (function* () {
      for (let part = 0; part < mebibytes && !response.destroyed; part++) yield spaces;
    })(),
  );
  parts.pipe(createGzip({ level: 1 })).pipe(response);
}

function cut(response) {
  response.write('w', () => response.destroy());
}

function redirect(response, location) {
  response.writeHead(302, { location }).end();
}
