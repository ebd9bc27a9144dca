import { useBackend, type Backend, type Capabilities } from '@lowrank/core';
import { conformanceCases } from './cases.js';
import type { ConformanceCase } from './conformance-case.js';
import { shareOf } from './outcome.js';
import { tolerances, type Op, type Tolerance } from './tolerances.js';
import { watchKernels, type WatchedBackend } from './watch-kernels.js';

export interface ConformanceOptions {
  /** Leave out the large shapes with `false`, for a backend that is too slow for them. Default true. */
  large?: boolean;
  /** Run these ops only. */
  ops?: Op[];
  /** Tolerances in place of the suite's own, each with its reason; reports and tests name them. */
  tolerances?: Partial<Record<Op, Tolerance>>;
}

export interface CaseResult {
  op: Op;
  title: string;
  passed: boolean;
  /** Of the worst value; `Infinity` where the case threw. */
  error: number;
  /** What that value may be off by. */
  tolerance: number;
  /** Why it did not pass, in a sentence. */
  failure?: string;
  /** Whether the backend's own kernel of the op computed it, not the composed one. */
  own: boolean;
  milliseconds: number;
}

export interface Report {
  backend: string;
  capabilities: Capabilities;
  /** Whether the large shapes ran. */
  large: boolean;
  /** Tolerances that were not the suite's own. */
  overrides: Partial<Record<Op, Tolerance>>;
  passed: boolean;
  results: CaseResult[];
}

/** The cases that options leave. */
export function casesFor({ large = true, ops }: ConformanceOptions = {}): ConformanceCase[] {
  return conformanceCases.filter((each) => (large || !each.large) && (ops?.includes(each.op) ?? true));
}

/**
 * Runs the suite on a backend, without a test runner: in Node, in a worker or in a page. The backend stays the
 * active one.
 *
 * @throws `backend-unavailable` where it does not start; what a case throws is in the report
 */
export async function runConformance(backend: Backend, options: ConformanceOptions = {}): Promise<Report> {
  const watched = watchKernels(backend);
  await useBackend(watched.backend);
  const results: CaseResult[] = [];
  try {
    for (const each of casesFor(options)) results.push(await resultOf(each, watched, options));
  } finally {
    await useBackend(backend);
  }
  return {
    backend: backend.name,
    capabilities: backend.capabilities(),
    large: options.large ?? true,
    overrides: options.tolerances ?? {},
    passed: results.every(({ passed }) => passed),
    results,
  };
}

async function resultOf(
  { op, title, run }: ConformanceCase,
  { taken }: WatchedBackend,
  options: ConformanceOptions,
): Promise<CaseResult> {
  taken(op);
  const start = performance.now();
  const rest = () => ({ own: taken(op) > 0, milliseconds: performance.now() - start });
  try {
    const { error, tolerance, where } = await run(options.tolerances?.[op] ?? tolerances[op]);
    const passed = shareOf({ error, tolerance }) <= 1;
    const failure = `${where} is off by ${error.toExponential(1)}, where ${tolerance.toExponential(1)} is allowed`;
    return { op, title, passed, error, tolerance, ...(passed ? {} : { failure }), ...rest() };
  } catch (error) {
    return { op, title, passed: false, error: Infinity, tolerance: 0, failure: sentence(error), ...rest() };
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
