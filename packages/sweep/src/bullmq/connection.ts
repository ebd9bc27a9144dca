import { LowrankError } from '@lowrank/core/plan';
import type { RedisOptions } from 'bullmq';

/** How a part of a queue connects: a connection that drops is made again, and commands wait for it. Throws `config-invalid`. */
export function connectionTo(redis: string): RedisOptions {
  if (!/^rediss?:\/\//.test(redis) || !URL.canParse(redis)) {
    throw new LowrankError('config-invalid', {
      // What stands before the last @ may be a password.
      given: `redis ${JSON.stringify(redis.slice(redis.lastIndexOf('@') + 1))}`,
      rule: 'it is the URL of a Redis server',
      fix: 'write it as redis://host:6379, or rediss://user:password@host:6379 where it asks for a password',
    });
  }
  return { url: redis, maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(100 * times, 2000) };
}

/** What queues, workers and their events have in common. */
interface Part {
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Waits for the first connection of a part of a queue. Later ones are waited for in silence, but where there never was
 * one the address is wrong: throws `queue-unavailable`.
 */
export async function connected<P extends Part>(part: P, redis: string): Promise<P> {
  part.on('error', () => {});
  const refused = new Promise<never>((_, reject) => part.once('error', reject));
  try {
    await Promise.race([part.waitUntilReady(), refused]);
    return part;
  } catch (cause) {
    // To disconnect it would first wait for the connection that never came.
    part.close().catch(() => {});
    throw new LowrankError('queue-unavailable', {
      given: `redis ${withoutPassword(redis)}`,
      rule: `a Redis server must answer there (${cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : String(cause)})`,
      fix: 'start it with: redis-server --appendonly yes; or name the one that runs',
      cause,
    });
  }
}

/** Ms that Redis has to answer to the end of a connection. */
const longestGoodbye = 5000;

/** Resolves when `closed` does, or where Redis is away just now and does not come back, after five seconds. */
export async function goodbye(closed: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, longestGoodbye)));
  await Promise.race([closed, late]).finally(() => clearTimeout(timer));
}

function withoutPassword(redis: string): string {
  const url = new URL(redis);
  url.password = url.username = '';
  return url.href;
}
