import { jobOf, kubernetesTrials, kubernetesWorkers } from '@lowrank/sweep';
import { basename, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { typed, wrongOption } from '../output/usage-error.js';
import type { SweepFlags } from '../run/sweep.js';
import type { SweepFile } from './read-sweep-file.js';

/** Seconds without a trial after which a worker's pod ends. */
const idle = 600;

/** A sweep as YAML for `kubectl apply`: an index a trial, or with `--redis` an index a worker. */
export function kubernetesText({ trials, plan }: SweepFile, flags: SweepFlags): string {
  const { out, redis, image, claim, parallel, mount = out, ...amounts } = flags;
  if (image === undefined || claim === undefined) {
    throw wrongOption({
      given: `--emit kubernetes without ${image === undefined ? '--image' : '--claim'}`,
      rule: 'pods need an image, and a volume that they share',
      fix: 'add --image with lowrank on its path, and --claim with the name of a PersistentVolumeClaim',
    });
  }
  if (relative(resolve(mount), resolve(out)).startsWith('..')) {
    throw wrongOption({
      given: `--mount ${mount}`,
      rule: `the sweep's folder ${out} is below it`,
      fix: 'mount the volume higher up, or write into it',
    });
  }
  const name = `lowrank-${basename(resolve(out))
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 50);
  const options = {
    ...{ name: name.replace(/-+$/, ''), image, claim, parallel },
    ...{ mount: resolve(mount), folder: resolve(out) },
    ...(amounts.cpus !== undefined && { cpus: amounts.cpus }),
    ...(amounts.memory !== undefined && { memory: amounts.memory }),
  };
  if (redis !== undefined) return textOf(typed(() => kubernetesWorkers({ redis, idle }, options)));
  if ('minSteps' in plan) {
    throw wrongOption({
      given: '--emit kubernetes of a sweep that decides as it goes',
      rule: 'an index for each trial needs trials that are all known before',
      fix: 'add --redis, so that pods take trials off a queue; or sweep by grid or random',
    });
  }
  const { steps } = plan;
  const jobs = trials.map((trial) => jobOf(trial, steps));
  return textOf(typed(() => kubernetesTrials(jobs, options)));
}

const textOf = (parts: object[]) => parts.map((part) => stringify(part)).join('---\n');
