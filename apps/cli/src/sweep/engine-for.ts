import { localEngine, type Engine } from '@lowrank/sweep';

interface EngineFlags {
  folder: string;
  parallel: number;
  redis?: string | undefined;
}

/** Processes of this machine, or where a Redis server is named its queue, for `lowrank worker`. Throws `queue-unavailable`. */
export async function engineFor({ folder, parallel, redis }: EngineFlags): Promise<Engine> {
  if (redis !== undefined) return (await import('@lowrank/sweep/bullmq')).bullmqEngine({ redis, folder });
  return localEngine({ command: [process.execPath, process.argv[1] as string], folder, parallel });
}
