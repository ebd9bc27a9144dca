import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createHash, timingSafeEqual } from 'node:crypto';
import { answer } from './answer.js';
import { chatShape, completionShape } from './answers.js';
import { ApiError, asApiError } from './api-error.js';
import { checkName } from './check-name.js';
import type { Engine } from './engine.js';
import { told, type OnError } from './failure.js';
import { adapterRequest, chatRequest, completionRequest, parsed } from './requests.js';

export interface AppOptions {
  engine: Engine;
  /** Where given, all but `/health` needs it as a bearer token; else all must be sent to a name of this machine. */
  apiKey?: string | undefined;
  /** Most bytes of a request's body. */
  maxBody: number;
  onError?: OnError | undefined;
}

/** The routes. */
export function makeApp({ engine, apiKey, maxBody, onError }: AppOptions): Hono {
  const { metrics, adapters, options } = engine;
  const refusal = (error: unknown) => told(asApiError(error), onError);
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    // A path that is no route is no label either: there is no end of them.
    const route = app.routes.some(({ path }) => path === c.req.path) ? c.req.path : 'other';
    metrics.requests.inc({ route, status: c.res.status });
  });
  app.use(async (c, next) => {
    if (apiKey === undefined) checkName(c);
    await next();
  });
  app.get('/health', (c) => c.json({ status: engine.closing ? 'closing' : 'ok' }, engine.closing ? 503 : 200));
  app.use(async (c, next) => {
    if (apiKey !== undefined && !isKey(c.req.header('authorization'), apiKey)) {
      throw new ApiError(401, 'invalid_api_key', 'give the API key as a bearer token');
    }
    await next();
  });
  const tooLarge = () => {
    throw new ApiError(413, 'body_too_large', `a body has at most ${maxBody} bytes`);
  };
  app.use(bodyLimit({ maxSize: maxBody, onError: tooLarge }));

  app.get('/metrics', async (c) => c.text(await metrics.registry.metrics()));
  app.get('/v1/models', (c) => {
    const entry = (id: string) => ({ id, object: 'model', created: 0, owned_by: 'lowrank' });
    return c.json({ object: 'list', data: [options.name, ...adapters.names].map(entry) });
  });
  app.post('/v1/completions', async (c) => {
    const request = parsed(completionRequest, await jsonOf(c));
    return await answer(c, await engine.begin(request, request.prompt, 16), {
      request,
      shape: completionShape,
      refusal,
    });
  });
  app.post('/v1/chat/completions', async (c) => {
    const { messages, max_completion_tokens: tokens, ...rest } = parsed(chatRequest, await jsonOf(c));
    if (!options.template) throw new ApiError(400, 'no_chat_template', `"${options.name}" has no chat template`);
    const request = { ...rest, max_tokens: tokens ?? rest.max_tokens };
    const prompt = options.template.render(messages, { addGenerationPrompt: true });
    return await answer(c, await engine.begin(request, prompt, Infinity), { request, shape: chatShape, refusal });
  });
  app.post('/v1/load_lora_adapter', async (c) => {
    const { lora_name: name } = parsed(adapterRequest, await jsonOf(c));
    await engine.load(name);
    return c.json({ status: 'loaded', lora_name: name });
  });
  app.post('/v1/unload_lora_adapter', async (c) => {
    const { lora_name: name } = parsed(adapterRequest, await jsonOf(c));
    if (!adapters.withdraw(name)) throw new ApiError(404, 'adapter_not_found', `"${name}" is not served`);
    return c.json({ status: 'unloaded', lora_name: name });
  });

  app.notFound((c) => said(c, new ApiError(404, 'not_found', 'no such endpoint')));
  app.onError((error, c) => said(c, refusal(error)));
  return app;
}

function said(c: Context, error: ApiError): Response {
  return c.json(error.body, error.status, {
    ...(error.status === 429 && { 'retry-after': '1' }),
    // Its body was not read to the end, so that nothing else can come by this connection.
    ...([401, 403, 413, 415].includes(error.status) && { connection: 'close' }),
  });
}

/** A page of another site may send a form or plain text to this machine, but no JSON. */
async function jsonOf(c: Context): Promise<unknown> {
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    throw new ApiError(415, 'invalid_request', 'the content-type of a body is application/json');
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, 'invalid_json', 'the body is no JSON');
  }
}

function isKey(header: string | undefined, key: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(header ?? ''), hash(`Bearer ${key}`));
}
