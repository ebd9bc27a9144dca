import { serve as listen, type ServerType } from '@hono/node-server';
import { LowrankError } from '@lowrank/core';
import type { LoraManager } from '@lowrank/manager';
import type { CausalModel, ChatTemplate, Tokenizer } from '@lowrank/models';
import { AdapterFolder } from './adapter-folder.js';
import { makeApp } from './app.js';
import { Engine } from './engine.js';
import type { ServeFailure } from './failure.js';
import { isLoopback } from './loopback.js';

/** Of `serve`. */
export interface ServeOptions {
  model: CausalModel;
  tokenizer: Tokenizer;
  /** On the model, with nothing active; nobody else uses it meanwhile. */
  manager: LoraManager;
  /** What requests call the base. */
  name: string;
  /** Without one, chats are refused. */
  template?: ChatTemplate | undefined;
  /** A folder of PEFT folders: each is served by its name, and those that come later can be loaded by a request. */
  adapters?: string | undefined;
  /** Default 127.0.0.1. */
  host?: string | undefined;
  /** Default 8000; 0 takes a free one. */
  port?: number | undefined;
  /**
   * All requests but `/health` need it. Required where `host` is no loopback address; without one, requests whose `Host`
   * is not `localhost`, `127.0.0.1` or `[::1]` are refused.
   */
  apiKey?: string | undefined;
  /** Most sequences in one forward pass. Default 8. */
  maxBatch?: number | undefined;
  /** Most requests that wait. Default 64. */
  maxQueue?: number | undefined;
  /** Most tokens of one answer. Default 1024. */
  maxTokens?: number | undefined;
  /** Most ms of one request. Default 120,000. */
  timeLimit?: number | undefined;
  /** Most bytes of a request's body. Default 1 MiB. */
  maxBody?: number | undefined;
  /**
   * Is told of each request that failed by no fault of the client's, such as on an adapter whose files are damaged, and
   * must not throw. Without it nobody is.
   */
  onError?: ((failure: ServeFailure) => void) | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8000`. */
  url: string;
  /** Adapters that requests may name now. */
  adapters: string[];
  /** Takes no more requests, and gives those that run at most `limit` ms. Default 10,000. Frees nothing of the caller's. */
  close(limit?: number): Promise<void>;
}

/**
 * Serves a base and its adapters to OpenAI's clients: `model` of a request names the base or an adapter.
 *
 * @throws `config-invalid` for an address that others reach without an API key, or an adapter called as the base;
 *   `file-missing` for no such folder
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8000, apiKey, maxBody = 2 ** 20, onError } = options;
  checkHost(host, apiKey);
  const folder = options.adapters === undefined ? undefined : new AdapterFolder(options.adapters);
  const found = folder ? await namesIn(folder, options) : [];
  const { maxBatch = 8, maxQueue = 64, maxTokens = 1024, timeLimit = 120_000 } = options;
  const { model, tokenizer, manager, name, template } = options;
  const limits = { maxBatch, maxQueue, maxTokens, timeLimit };
  const engine = new Engine({ model, tokenizer, manager, name, template, folder, ...limits });
  // One that goes away from here on is told of when a request needs it.
  for (const one of found) engine.offer(one, folder as AdapterFolder);
  const app = makeApp({ engine, apiKey, maxBody, onError });
  const { server, port: given } = await started({ fetch: app.fetch, hostname: host, port });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${given}`,
    adapters: engine.adapters.names,
    close: async (limit = 10_000) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await engine.close(limit);
      if ('closeIdleConnections' in server) {
        server.closeIdleConnections();
        // A client that reads no more holds its connection; it had its time.
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }
      await closed;
    },
  };
}

async function namesIn(folder: AdapterFolder, { adapters, name }: ServeOptions): Promise<string[]> {
  const names = await folder.names().catch((cause: unknown) => {
    throw new LowrankError('file-missing', {
      given: `adapters: "${adapters}"`,
      rule: 'it is a folder that can be read, with a PEFT folder for each adapter',
      fix: 'name the folder that holds them',
      cause,
    });
  });
  if (!names.includes(name)) return names;
  throw new LowrankError('config-invalid', {
    given: `an adapter "${name}" in "${adapters}"`,
    rule: 'the base is called that',
    fix: 'give the base another name, or the folder',
  });
}

function started(options: Parameters<typeof listen>[0]): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = listen(options, ({ port }) => resolve({ server, port }));
    server.on('error', (error: NodeJS.ErrnoException) => reject(notHeard(options, error)));
  });
}

function notHeard({ hostname, port }: Parameters<typeof listen>[0], { code }: NodeJS.ErrnoException): LowrankError {
  return new LowrankError('config-invalid', {
    given: `${hostname}:${port} (${code})`,
    rule: 'the address is of this machine and its port is free',
    fix: 'choose another host or port; port 0 takes a free one',
  });
}

function checkHost(host: string, apiKey: string | undefined): void {
  if (apiKey !== undefined && apiKey !== '') return;
  if (apiKey === undefined && isLoopback(host)) return;
  throw new LowrankError('config-invalid', {
    given: apiKey === undefined ? `host "${host}" without an API key` : 'an empty API key',
    rule: 'what others can reach needs an API key',
    fix: 'give an API key, or serve on 127.0.0.1',
  });
}
