import { Environment } from '@huggingface/jinja';
import { strftime } from './strftime.js';
import type { Work } from './work.js';

/** What each number of a range costs: a value of the library's takes as many bytes as so many characters. */
const numberCost = 16;

/** The names that every chat template knows, as transformers gives them, and `items` beside them. */
export function globals(items: Record<string, unknown>, work: Work): unknown {
  const environment = new Environment();
  const constants = { true: true, True: true, false: false, False: false, none: null, None: null };
  const functions = {
    raise_exception(message: unknown) {
      throw new Error(String(message));
    },
    range: (...limits: unknown[]) => range(limits, work),
    strftime_now: (format: unknown) => strftime(String(format), new Date()),
  };
  for (const [name, value] of Object.entries({ ...constants, ...functions, ...items })) environment.set(name, value);
  return environment;
}

/** Python's `range(stop)`, `range(start, stop)` and `range(start, stop, step)`. */
function range(limits: unknown[], work: Work): number[] {
  const [start, stop, step = 1] = (limits.length === 1 ? [0, ...limits] : limits) as number[];
  const whole = [start, stop, step].every((limit) => Number.isInteger(limit));
  if (!whole || step === 0) throw new Error('range() takes whole numbers, and a step other than 0');
  const count = Math.max(0, Math.ceil(((stop as number) - (start as number)) / step));
  work.spend(numberCost * count);
  return Array.from({ length: count }, (_, at) => (start as number) + at * step);
}
