// A hub for tests: the part of huggingface.co's HTTP API that clients use to list and fetch models, with faults on demand.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commitOf, sha256, storedFiles, type HubContents, type StoredFile } from './hub-contents.js';

export interface HubRequest {
  method: string;
  /** With its query. */
  path: string;
  /** Whether it went to the other host that large files come from. */
  cdn: boolean;
  range: string | undefined;
  token: string | undefined;
}

/** What goes wrong with one request. */
export interface HubFault {
  status?: number;
  headers?: Record<string, string>;
  /** The connection breaks after so many bytes of the body. */
  cutAfter?: number;
  /** Other bytes than the file's. */
  bytes?: Uint8Array;
  /** The range is not looked at. */
  whole?: boolean;
}

export interface HubServer {
  endpoint: string;
  /** All that was asked for, in order. */
  requests: HubRequest[];
  /** Decides what goes wrong. */
  fault?: ((request: HubRequest) => HubFault | undefined) | undefined;
  /** Ends both hosts: they are then not reachable. */
  close(): Promise<void>;
}

/** Serves repositories by id to this machine alone. The caller closes it. */
export async function hubServer(repos: Record<string, HubContents>): Promise<HubServer> {
  const requests: HubRequest[] = [];
  const servers: Server[] = [];
  const blobs = new Map(
    Object.values(repos)
      .flatMap(storedFiles)
      .map(({ bytes }) => [sha256(bytes), bytes]),
  );
  const listen = async (cdn: boolean, answer: (request: HubRequest, response: Answer) => void) => {
    const server = createServer((message, response) => {
      const request = described(message, cdn);
      requests.push(request);
      const fault = hub.fault?.(request) ?? {};
      cors(response, request.method === 'OPTIONS' ? message : undefined);
      if (request.method === 'OPTIONS') response.writeHead(204).end();
      else if (fault.status) response.writeHead(fault.status, fault.headers).end();
      else answer(request, { response, fault });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const hub: HubServer = {
    endpoint: '',
    requests,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
  const cdn = await listen(true, (request, answer) => {
    const bytes = blobs.get(request.path.split('/').pop() ?? '');
    if (bytes) sendBytes(request, answer, bytes);
    else refuse(answer, 404);
  });
  hub.endpoint = await listen(false, (request, answer) => answerHub(repos, cdn, hub.endpoint, request, answer));
  return hub;
}

interface Answer {
  response: ServerResponse;
  fault: HubFault;
}

function described({ method = 'GET', url = '/', headers }: IncomingMessage, cdn: boolean): HubRequest {
  return { method, path: decodeURIComponent(url), cdn, range: headers.range, token: headers.authorization };
}

function cors(response: ServerResponse, preflight: IncomingMessage | undefined): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', '*, Link');
  response.setHeader('cross-origin-resource-policy', 'cross-origin');
  const asked = preflight?.headers['access-control-request-headers'];
  if (asked) response.setHeader('access-control-allow-headers', asked);
}

const route = /^\/(api\/models\/)?([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/?]+)\/?([^?]*)/;

function answerHub(
  repos: Record<string, HubContents>,
  cdn: string,
  endpoint: string,
  request: HubRequest,
  answer: Answer,
): void {
  const [, , id = '', verb, revision = '', path = ''] = route.exec(request.path) ?? [];
  const contents = repos[id];
  if (!contents) return refuse(answer, 401, 'RepoNotFound');
  if (contents.gated && request.token !== `Bearer ${contents.gated}`) return refuse(answer, 401, 'GatedRepo');
  const head = commitOf(contents);
  const commit = [head, 'main', 'HEAD'].includes(revision) ? head : contents.refs?.[revision];
  if (commit === undefined) return refuse(answer, 404, 'RevisionNotFound');
  if (verb === 'revision')
    return json(answer, { _id: '1', id, sha: commit, private: false, gated: false, siblings: [] });
  if (verb === 'tree') return tree(request, answer, endpoint, contents);
  const file = storedFiles(contents).find((one) => one.path === path);
  if (!file) return refuse(answer, 404, 'EntryNotFound');
  sendFile(request, answer, file, commit, cdn);
}

/** Two entries a page, so that there are pages; of a long listing a thousand, as on the hub. */
function tree(request: HubRequest, answer: Answer, endpoint: string, contents: HubContents): void {
  const listing = contents.listing ?? storedFiles(contents).map(listed);
  if (!Array.isArray(listing)) return json(answer, listing);
  const page = listing.length > 1000 ? 1000 : 2;
  const from = Number(/cursor=(\d+)/.exec(request.path)?.[1] ?? 0);
  const path = request.path.replace(/&cursor=\d+/, '');
  const next = `<${endpoint}${path}&cursor=${from + page}>; rel="next"`;
  json(answer, listing.slice(from, from + page), from + page < listing.length ? { link: next } : contents.link);
}

function listed({ path, bytes, oid, sha256: lfs }: StoredFile): object {
  const size = bytes.length;
  return { type: 'file', path, size, oid, ...(lfs && { lfs: { oid: lfs, size, pointerSize: 134 } }) };
}

function sendFile(request: HubRequest, answer: Answer, file: StoredFile, commit: string, cdn: string): void {
  const { response } = answer;
  response.setHeader('x-repo-commit', commit);
  if (file.sha256 === undefined) {
    response.setHeader('etag', `"${file.oid}"`);
    return sendBytes(request, answer, file.bytes);
  }
  response.setHeader('x-linked-size', file.bytes.length);
  response.setHeader('x-linked-etag', `"${file.sha256}"`);
  response.writeHead(302, { location: `${cdn}/blobs/${file.sha256}` }).end();
}

function sendBytes(request: HubRequest, { response, fault }: Answer, stored: Uint8Array): void {
  const bytes = fault.bytes ?? stored;
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec((!fault.whole && request.range) || '') ?? [];
  const from = Number(first ?? 0);
  const to = Math.min(bytes.length, last ? Number(last) + 1 : bytes.length);
  if (from > 0 && from >= bytes.length) return void response.writeHead(416).end();
  const body = bytes.subarray(from, to);
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
    'accept-ranges': 'bytes',
    ...(first !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (fault.cutAfter === undefined) return void response.end(body);
  // A reader loses what it has not read yet when the connection breaks: it gets a moment.
  response.write(body.subarray(0, fault.cutAfter), () => setTimeout(() => response.socket?.end(), 100));
}

function refuse({ response }: Answer, status: number, code = ''): void {
  response.writeHead(status, { 'x-error-code': code, 'content-type': 'application/json' }).end('{"error":"refused"}');
}

function json({ response }: Answer, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
