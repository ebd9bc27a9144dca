import type { PatternProgram } from './compile-pattern.js';

/**
 * Whether a pattern matches `text` to its end, from its start or from any place where `opens` holds: all ways are
 * followed at once, so the time is at most steps times characters, whatever the pattern.
 */
export function runPattern({ steps, start }: PatternProgram, text: string, opens: (before?: string) => boolean) {
  const chars = Array.from(text);
  const seen = new Int32Array(steps.length).fill(-1);
  const open: number[] = [];
  let held: number[] = [];
  const reach = (at: number) => {
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (seen[step] === at) continue;
      seen[step] = at;
      const { set, place, next } = steps[step]!;
      if (set !== undefined || step === 0) held.push(step);
      else if (place === undefined || place(chars, at)) for (const after of next) open.push(after);
    }
  };
  for (let at = 0; ; at++) {
    if (opens(chars[at - 1])) open.push(start);
    reach(at);
    if (at === chars.length) return held.includes(0);
    const before = held;
    held = [];
    for (const step of before) if (steps[step]!.set?.(chars[at]!) === true) open.push(steps[step]!.next[0]!);
  }
}
