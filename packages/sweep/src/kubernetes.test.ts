import { kubernetesTrials, kubernetesWorkers, type Job } from '@lowrank/sweep';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { Job as KubernetesJob, type IJob } from 'kubernetes-models/batch/v1';
import { ConfigMap, type IConfigMap } from 'kubernetes-models/v1';

const options = {
  name: 'ranks',
  image: 'registry.example/lowrank:1',
  claim: 'shared',
  mount: '/work',
  folder: '/work/sweeps/$(ranks)',
  parallel: 3,
  cpus: 2,
  memory: 3.5 * 2 ** 30,
};

const jobs: Job[] = [2, 4].map((rank) => ({
  id: `hash${rank}`,
  config: { rank, model: 'tiny' },
  steps: 10,
  folder: `trials/${rank}`,
}));

describe('Kubernetes', () => {
  it('gets an Indexed Job that its schema takes, with an index for each trial and the jobs in a ConfigMap', () => {
    const [config, job] = kubernetesTrials(jobs, options) as [IConfigMap, IJob];
    new ConfigMap(config).validate();
    new KubernetesJob(job).validate();
    expect(Object.values(config.data!).map((text) => JSON.parse(text))).toEqual(jobs);
    expect(job.spec).toMatchObject({ completionMode: 'Indexed', completions: 2, parallelism: 2 });

    const { containers, volumes } = job.spec!.template.spec!;
    const [container] = containers;
    // An index reads the file of its number, from where the ConfigMap is mounted.
    const at = container!.volumeMounts!.find(({ name }) => name === 'jobs')!.mountPath;
    expect(container!.args).toEqual([
      'worker',
      '--folder',
      '/work/sweeps/$$(ranks)',
      '--job',
      `${at}/$(JOB_COMPLETION_INDEX).json`,
      '--json',
    ]);
    expect(volumes).toContainEqual({ name: 'jobs', configMap: { name: config.metadata!.name } });
    expect(volumes).toContainEqual({ name: 'sweep', persistentVolumeClaim: { claimName: 'shared' } });
    expect(container!.resources).toEqual({ requests: { cpu: '2', memory: '3584Mi' }, limits: { memory: '3584Mi' } });
  });

  it('gets as many workers of a queue as run at once', () => {
    const [job] = kubernetesWorkers({ redis: 'redis://queue:6379', idle: 60 }, options) as [IJob];
    new KubernetesJob(job).validate();
    expect(job.spec).toMatchObject({ completions: 3, parallelism: 3 });
    expect(job.spec!.template.spec!.containers[0]!.args!.slice(0, 3)).toEqual([
      'worker',
      '--redis',
      'redis://queue:6379',
    ]);
    const wrong = structuredClone(job) as unknown as { spec: { completions: unknown } };
    wrong.spec.completions = 'three';
    expect(() => new KubernetesJob(wrong as unknown as IJob).validate()).toThrow(/completions must be integer/);
  });

  it('is refused a name that it would refuse, and more trials than a ConfigMap holds', async () => {
    const named = await errorOf(() => kubernetesTrials(jobs, { ...options, name: 'My_Sweep' }));
    expect([named.code, named.given]).toEqual(['config-invalid', 'name "My_Sweep"']);
    const many = Array.from({ length: 4000 }, (_, index) => ({ ...jobs[0]!, id: 'x'.repeat(300), folder: `${index}` }));
    const full = await errorOf(() => kubernetesTrials(many, options));
    expect([full.code, full.fix]).toEqual(['config-invalid', expect.stringContaining('--redis')]);
  });
});
