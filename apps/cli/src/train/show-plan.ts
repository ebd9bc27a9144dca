import { planCost } from '@lowrank/efficiency';
import { backendText } from '../output/backend-text.js';
import { planText } from '../output/plan-text.js';
import type { Reporter } from '../output/reporter.js';
import { countText } from '../output/units.js';
import type { Prepared } from './prepared.js';
import type { RunOptions } from './run-options.js';

/** What a run will cost and what it learns from, before its first step. */
export function showPlan({ plan, backend, data, steps, seq }: Prepared, { quantise }: RunOptions, out: Reporter): void {
  const cost = planCost(plan);
  const notices = [...new Set(data.notices)];
  out.event({
    type: 'plan',
    ...cost,
    quantise: quantise ?? null,
    warnings: plan.warnings,
    backend,
    steps,
    ...data.facts,
    notices,
    sequence: seq,
  });
  for (const line of planText(cost, plan.warnings, quantise)) out.line(line);
  out.line(`data          ${data.train} to learn from, ${data.heldOut} held out; ${countText(steps)} steps`);
  for (const notice of notices) out.line(`notice        ${notice}`);
  out.line(`computes on   ${backendText(backend)}\n`);
}
