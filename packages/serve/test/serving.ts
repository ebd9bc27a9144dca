import { LoraManager } from '@lowrank/manager';
import { loadModel, loadTokenizer } from '@lowrank/models';
import { serve, type RunningServer, type ServeOptions } from '@lowrank/serve';
import { once } from 'node:events';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export const tinyFolder = join(
  dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')),
  'model',
);

/** Runs `body` beside a server of the embedded base; throws what `serve` does. */
export async function withServer(
  options: Partial<ServeOptions>,
  body: (server: RunningServer) => Promise<void>,
): Promise<void> {
  using model = await loadModel(tinyFolder);
  using manager = new LoraManager(model);
  const tokenizer = await loadTokenizer(tinyFolder);
  const server = await serve({ model, tokenizer, manager, name: 'base', port: 0, ...options });
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

export interface Answer {
  status: number;
  body: string;
  /** Where the answer is one. */
  error?: { message: string; type: string; param: null; code: string };
}

/** Asks for three tokens, or with GET for what is at `path`, by whatever headers: `fetch` sets `Host` itself. */
export async function ask(
  { url }: RunningServer,
  { path = '/v1/completions', body, headers = {} }: { path?: string; body?: object; headers?: Record<string, string> },
): Promise<Answer> {
  const { port } = new URL(url);
  const method = body ? 'POST' : 'GET';
  const asked = request({ host: '127.0.0.1', port, path, method, agent: false, headers });
  if (body) asked.setHeader('content-type', 'application/json');
  asked.end(body && JSON.stringify(body));
  const [answer] = await once(asked, 'response');
  const said = await text(answer);
  const isError = answer.statusCode >= 400 && said !== '';
  return { status: answer.statusCode, body: said, ...(isError && { error: JSON.parse(said).error }) };
}
