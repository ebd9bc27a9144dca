export type { Engine, Job, JobResult, JobState } from './engine.js';
export { jobOf, trialId, type Trial } from './job-of.js';
export { runJob, type RunJobOptions } from './job-command.js';
export { localEngine, type LocalEngineOptions } from './local.js';
export { checkSpace, gridTrials, randomTrials, type Range, type Space } from './space.js';
export { promoted, rungsOf, type Halving, type Rung } from './halving.js';
export { runSweep, type SweepEvent, type SweepOptions, type TrialOutcome } from './run-sweep.js';
export { sweepReport, type SweepReport } from './report.js';
export { kubernetesTrials, kubernetesWorkers, type KubernetesOptions } from './kubernetes.js';
