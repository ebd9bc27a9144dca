import { planCost } from '@lowrank/efficiency';
import { countOf, targetsOf, type TokenData } from '../inputs/data.js';
import { backendText } from '../output/backend-text.js';
import { planText } from '../output/plan-text.js';
import type { Reporter } from '../output/reporter.js';
import { countText } from '../output/units.js';
import type { Prepared } from './prepare.js';
import type { RunOptions } from './run-options.js';

/** What a run will cost and what it learns from, before its first step. */
export function showPlan(
  { plan, backend, train, heldOut, steps, seq }: Prepared,
  { quantise }: RunOptions,
  out: Reporter,
): void {
  const cost = planCost(plan);
  const notices = [train.notice, heldOut.notice].filter(
    (notice, index, all) => notice && all.indexOf(notice) === index,
  );
  out.event({
    type: 'plan',
    ...cost,
    quantise: quantise ?? null,
    warnings: plan.warnings,
    backend,
    steps,
    format: train.format,
    ...(train.format === 'text'
      ? { trainWindows: countOf(train), heldOutWindows: countOf(heldOut) }
      : { trainExamples: countOf(train), heldOutExamples: countOf(heldOut) }),
    trainTokens: targetsOf(train),
    heldOutTokens: targetsOf(heldOut),
    notices,
    sequence: seq,
  });
  for (const line of planText(cost, plan.warnings, quantise)) out.line(line);
  out.line(`data          ${amount(train)} to learn from, ${amount(heldOut)} held out; ${countText(steps)} steps`);
  for (const notice of notices) out.line(`notice        ${notice}`);
  out.line(`computes on   ${backendText(backend)}\n`);
}

function amount(data: TokenData): string {
  const tokens = `${countText(targetsOf(data))} tokens`;
  return data.format === 'text' ? tokens : `${tokens} of ${countText(countOf(data))} ${nouns[data.format]}`;
}

const nouns = { completion: 'completions', chat: 'conversations' };
