import { withFolder } from '@lowrank/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface RedisServer {
  readonly url: string;
  /** Kills it, and starts it again on the same port with what it had written down. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs `body` beside a Redis server and a folder of its own. */
export async function withRedis(body: (redis: RedisServer, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const redis = await redisServer(folder);
    try {
      await body(redis, folder);
    } finally {
      await redis.stop();
    }
  });
}

/** A Redis server (Debian: redis-server) on a port of its own that writes all down in `folder`. */
async function redisServer(folder: string): Promise<RedisServer> {
  const port = await freePort();
  let server = await started(port, folder);
  const stop = async () => {
    if (server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await stop();
      server = await started(port, folder);
    },
    stop,
  };
}

async function started(port: number, folder: string): Promise<ChildProcess> {
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const server = spawn('redis-server', [...args, ...durable, '--notify-keyspace-events', 'KEA'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
