import type { AdapterPlan, Checkpoint } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { energyRanks, evenRanks, largestRank, successiveHalving, withRanks } from '@lowrank/rank';
import { train } from '@lowrank/trainer';
import type { Reporter } from '../output/reporter.js';
import { typed } from '../output/usage-error.js';
import type { RankFlags } from '../run/rank.js';
import type { Budgeted } from './budget.js';
import { evidenceOf } from './evidence.js';
import { openSubject, type Subject } from './open-subject.js';

/** What a way to choose ranks came to in short runs. */
export interface ProbeFacts {
  by: string;
  /** Updates of its longest run. */
  steps: number;
  /** On what was held out. */
  loss: number;
}

export interface Probed {
  plan: AdapterPlan;
  sized: AdapterPlan;
  /** The best first. */
  probes: ProbeFacts[];
  /** Of all probes together. */
  updates: number;
}

/** What probes are judged by. */
const holdout = 0.1;

/** Ranks by each of the other methods, tried by short runs on the data; the best is taken. */
export async function probedRanks(
  flags: RankFlags & { model: string },
  budgeted: Budgeted,
  out: Reporter,
): Promise<Probed> {
  const subject = await openSubject(flags, { holdout });
  using _ = subject.model;
  const plans = await candidatesOf(subject, flags, budgeted);
  const longest = flags.probeSteps * 2 ** Math.max(0, Math.ceil(Math.log2(plans.length)) - 1);
  const standings = await successiveHalving<Candidate, Checkpoint>({
    candidates: plans,
    steps: flags.probeSteps,
    probe: async ({ candidate: { by, sized }, steps, resumeFrom }) => {
      const { seed, learningRate } = flags;
      const { run, loss } = await probe(subject, sized, { steps, longest, resumeFrom, seed, learningRate });
      out.line(`probe         ${by}: held-out loss ${loss.toFixed(4)} after ${steps} updates`);
      return { run, loss };
    },
  });
  const probes = standings.map(({ candidate: { by }, steps, loss }) => ({ by, steps, loss }));
  const updates = probes.reduce((sum, { steps }) => sum + steps, 0);
  return { plan: subject.plan, sized: standings[0]!.candidate.sized, probes, updates };
}

interface Candidate {
  by: string;
  sized: AdapterPlan;
}

async function candidatesOf(subject: Subject, { steps, seed }: RankFlags, budgeted: Budgeted): Promise<Candidate[]> {
  const { plan } = subject;
  const evenly = typed(() => budgeted(evenRanks).ranks(plan, new Map()));
  const ceiling = Math.max(8, 4 * Math.max(...evenly.values()));
  const most = new Map(plan.modules.map((module) => [module.path, Math.min(ceiling, largestRank(module))]));
  const candidates: Candidate[] = [{ by: 'even', sized: withRanks(plan, evenly) }];
  for (const by of ['gradients', 'activations', 'weights'] as const) {
    const evidence = await evidenceOf(subject, plan, { by, most, steps, seed, onProgress: () => {} });
    const counts = by === 'gradients' ? 'energy' : 'share';
    const strategy = budgeted((budget) => energyRanks(budget, { counts }));
    candidates.push({ by, sized: withRanks(plan, strategy.ranks(plan, evidence)) });
  }
  return candidates;
}

interface ProbeStart {
  steps: number;
  /** Updates of the longest probe, over which the learning rate falls. */
  longest: number;
  resumeFrom: Checkpoint | undefined;
  seed: number;
  learningRate: number;
}

async function probe(
  { model, loss, batches, evaluate }: Subject,
  plan: AdapterPlan,
  { steps, longest, resumeFrom, seed, learningRate }: ProbeStart,
): Promise<{ run: Checkpoint; loss: number }> {
  using manager = new LoraManager(model);
  manager.add('probe', plan, { seed });
  const stop = new AbortController();
  let run: Checkpoint | undefined;
  const events = train({
    ...{ parameters: manager.parameters('probe'), loss, batches, seed },
    steps: longest,
    learningRate,
    checkpoint: { every: longest, write: async (checkpoint) => void (run = checkpoint) },
    signal: stop.signal,
    resume: resumeFrom,
  });
  for await (const event of events) if (event.type === 'step-end' && event.step === steps) stop.abort();
  const measured = await evaluate(new AbortController().signal);
  return { run: run as Checkpoint, loss: typeof measured === 'number' ? measured : measured.loss };
}
