import { LowrankError } from '@lowrank/core/plan';
import type { Job } from './engine.js';

/** What the manifests need to know beside the trials. */
export interface KubernetesOptions {
  /** Name of what is made: lower-case letters, digits and hyphens, 50 at most. */
  name: string;
  /** Image with `lowrank` on its path. */
  image: string;
  /** Claim of the volume that all pods share. */
  claim: string;
  /** Where they mount it; the folder, the model and the data are below, as the jobs name them. */
  mount: string;
  /** The sweep's folder, absolute. */
  folder: string;
  /** Pods at once. */
  parallel: number;
  /** Processors that a pod asks for. */
  cpus?: number;
  /** Bytes that a pod asks for, and may have at most. */
  memory?: number;
}

/** A ConfigMap holds no more, in bytes. */
const mostConfig = 2 ** 20;

/**
 * A fixed set of trials without a queue: a ConfigMap of the jobs, and an Indexed Job with an index for each. A pod that
 * is evicted or killed begins again from its trial's last checkpoint. Throws `config-invalid` where they are too many.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
 */
export function kubernetesTrials(jobs: readonly Job[], options: KubernetesOptions): object[] {
  const data = Object.fromEntries(jobs.map((job, index) => [`${index}.json`, JSON.stringify(job)]));
  const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
  if (bytes > mostConfig) {
    throw new LowrankError('config-invalid', {
      given: `${jobs.length} trials for Kubernetes`,
      rule: `their jobs fit into a ConfigMap of ${mostConfig} bytes, and these have ${bytes}`,
      fix: 'give --redis too: then pods take trials off a queue',
    });
  }
  const metadata = { name: checkedName(options.name) };
  const jobsAt = '/etc/lowrank/jobs';
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata, immutable: true, data };
  const args = ['worker', '--folder', verbatim(options.folder), '--job', `${jobsAt}/$(JOB_COMPLETION_INDEX).json`];
  // What is wrong with a trial itself is wrong at the next try too.
  const job = indexedJob(args, { ...options, completions: jobs.length, final: [1, 2] });
  const { spec } = job.spec.template;
  spec.volumes.push({ name: 'jobs', configMap: metadata });
  spec.containers[0]!.volumeMounts.push({ name: 'jobs', mountPath: jobsAt });
  return [config, job];
}

/** Workers of a queue: an Indexed Job with an index for each, which ends once they found nothing to do for `idle` seconds. */
export function kubernetesWorkers(
  { redis, idle }: { redis: string; idle: number },
  options: KubernetesOptions,
): object[] {
  const args = ['worker', '--redis', verbatim(redis), '--folder', verbatim(options.folder), '--idle', String(idle)];
  return [indexedJob(args, { ...options, completions: options.parallel, final: [2] })];
}

interface PodOptions extends KubernetesOptions {
  completions: number;
  /** Exit codes after which another try is of no use. */
  final: number[];
}

function indexedJob(args: string[], options: PodOptions) {
  const { name, image, claim, mount, parallel, cpus, memory, completions, final } = options;
  const amounts = { ...(memory !== undefined && { memory: `${Math.ceil(memory / 2 ** 20)}Mi` }) };
  const volumes: Volume[] = [{ name: 'sweep', persistentVolumeClaim: { claimName: claim } }];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: checkedName(name) },
    spec: {
      completionMode: 'Indexed',
      completions,
      parallelism: Math.min(parallel, completions),
      backoffLimitPerIndex: 5,
      podFailurePolicy: {
        rules: [
          { action: 'FailIndex', onExitCodes: { operator: 'In', values: final } },
          // A pod that was moved away is no failure.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        spec: {
          restartPolicy: 'Never',
          // A step that runs is finished and kept before a pod goes.
          terminationGracePeriodSeconds: 120,
          containers: [
            {
              name: 'lowrank',
              image,
              command: ['lowrank'],
              args: [...args, '--json'],
              workingDir: mount,
              resources: {
                requests: { ...(cpus !== undefined && { cpu: String(cpus) }), ...amounts },
                limits: amounts,
              },
              volumeMounts: [{ name: 'sweep', mountPath: mount }],
            },
          ],
          volumes,
        },
      },
    },
  };
}

type Volume = { name: string } & ({ persistentVolumeClaim: { claimName: string } } | { configMap: { name: string } });

function checkedName(name: string): string {
  if (/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/.test(name)) return name;
  throw new LowrankError('config-invalid', {
    given: `name ${JSON.stringify(name)}`,
    rule: 'Kubernetes names of jobs are lower-case letters, digits and hyphens, 50 at most, and begin with a letter',
    fix: 'give another, such as sweep-1',
  });
}

/** Kubernetes puts variables in where `$(` stands. */
const verbatim = (text: string) => text.replaceAll('$(', '$$$$(');
