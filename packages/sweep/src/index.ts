export type { Engine, Job, JobResult, JobState } from './engine.js';
export { runJob, type RunJobOptions } from './job-command.js';
export { kubernetesTrials, kubernetesWorkers, type KubernetesOptions } from './kubernetes.js';
