import { LowrankError } from '@lowrank/core';
import { refusal, unreachable } from './hub-errors.js';
import type { HubSettings } from './hub-settings.js';
import { untrusted } from './untrusted.js';
import { wait } from './wait.js';

export interface HubFetchOptions extends Pick<HubSettings, 'endpoint' | 'token'> {
  /** What messages call the repository. */
  repo: string;
  /** How often a request that met a failing network or hub is made again. */
  retries: number;
  signal?: AbortSignal | undefined;
}

/** Longest body of a listing, in bytes, and longest wait for the head of an answer, in ms. */
const largestListing = 2 ** 25;
const headTimeout = 30_000;

/**
 * A `fetch` for the hub's client that retries what may pass, says clearly what will not, reads listings only up to a
 * bound, gives ranges as asked for, and sends the token to the endpoint alone.
 */
export function hubFetch(options: HubFetchOptions): typeof fetch {
  const { endpoint, retries, signal } = options;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== new URL(endpoint).origin) throw elsewhere(options.repo, url);
    for (let attempt = 0; ; attempt++) {
      const outcome = await attemptOnce(url, init ?? {}, options);
      if (outcome instanceof Response) return outcome;
      if (attempt >= retries) throw unreachable(endpoint, outcome.error);
      await wait(outcome.after ?? backOff(attempt), signal);
    }
  };
}

/** Milliseconds before try `attempt + 1`: half a second, doubling to 16, some of it by chance. */
export function backOff(attempt: number): number {
  return Math.min(16_000, 500 * 2 ** attempt) * (0.75 + Math.random() / 2);
}

/** What passes if one waits; `after` in ms where the hub said how long. */
interface Passing {
  error: unknown;
  after?: number;
}

async function attemptOnce(url: URL, init: RequestInit, options: HubFetchOptions): Promise<Response | Passing> {
  const { token, repo, signal } = options;
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(new Error(`no answer in ${headTimeout / 1000} s`)), headTimeout);
  try {
    const signals = AbortSignal.any(signal ? [signal, slow.signal] : [slow.signal]);
    const response = await fetch(url, { ...init, headers, signal: signals });
    if (response.ok) return url.pathname.includes('/api/') ? await bounded(response, repo) : ranged(response, headers);
    await response.body?.cancel();
    if (response.status < 500 && response.status !== 429 && response.status !== 408) {
      throw refusal(response, repo, token !== undefined);
    }
    return { error: new Error(`status ${response.status}`), ...retryAfter(response) };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (LowrankError.is(error)) throw error;
    return { error: slow.signal.aborted ? slow.signal.reason : error };
  } finally {
    clearTimeout(timer);
  }
}

function retryAfter(response: Response): { after?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? { after: 1000 * Math.min(seconds, 60) } : {};
}

/** A listing's answer read whole, up to a bound. */
async function bounded(response: Response, repo: string): Promise<Response> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    length += read.value.length;
    if (length > largestListing) {
      await reader?.cancel();
      throw untrusted(repo, `its listing is longer than ${largestListing} bytes`);
    }
    parts.push(read.value);
  }
  return new Response(new Blob(parts), response);
}

/** A file's answer from the byte that was asked for, also where the server gives the whole file. */
function ranged(response: Response, headers: Headers): Response {
  const from = Number(/^bytes=(\d+)-/.exec(headers.get('range') ?? '')?.[1] ?? 0);
  if (from === 0 || !response.body) return response;
  if (response.status !== 206) return new Response(response.body.pipeThrough(without(from)), response);
  const start = Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  if (start === from) return response;
  throw new Error(`bytes from ${start} where those from ${from} were asked for`);
}

function without(bytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let left = bytes;
  return new TransformStream({
    transform(part, controller) {
      if (part.length > left) controller.enqueue(part.subarray(left));
      left = Math.max(0, left - part.length);
    },
  });
}

function elsewhere(repo: string, url: URL): LowrankError {
  return untrusted(repo, `its listing goes on at another host, ${url.host}`);
}
