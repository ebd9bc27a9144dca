import { LowrankError, type AdapterPlan, type BlockFormat, type ModelOutline } from '@lowrank/core/plan';
import { packedOutline } from '../packed-bytes.js';
import { stepFlops } from '../step-flops.js';
import { stepMemory } from '../step-memory.js';
import type { Workload } from '../workload.js';
import { bytesText, type Advice } from './advice.js';

/** More rows than this at once help nobody. */
const mostRows = 4096;

/** Fewer tokens than this are no text to learn from. */
const leastTokens = 16;

/** One way to train: what is asked for, or something cheaper. */
interface Way {
  batch: number;
  seq: number;
  packed?: BlockFormat;
  checkpointing?: boolean | undefined;
}

/**
 * Whether a step fits into so many bytes; where it does not, what would. Throws `config-invalid` for an amount of memory
 * that is not above 0.
 */
export function adviseFit(outline: ModelOutline, plan: AdapterPlan, workload: Workload, memory: number): Advice[] {
  if (!(memory > 0 && Number.isFinite(memory))) throw impossible(memory);
  const bytesOf = ({ batch, seq, packed, checkpointing = workload.checkpointing }: Way) => {
    const held = packed ? packedOutline(outline, packed) : outline;
    const bytes = held.modules.reduce((sum, module) => sum + module.bytes, 0);
    const way = { ...workload, batch, seq, checkpointing };
    return stepMemory(held, { ...plan, base: { ...plan.base, bytes } }, way).total;
  };
  const asked = { batch: workload.batch, seq: workload.seq };
  const most = (way: Way, of: 'batch' | 'seq', limit: number, least: number) =>
    largest(least, limit, (value) => bytesOf({ ...way, [of]: value }) <= memory);
  const needed = bytesOf(asked);
  if (needed <= memory) {
    const batch = most(asked, 'batch', mostRows, asked.batch) ?? asked.batch;
    const more = batch > asked.batch ? `a batch of ${batch} would fit too` : 'no larger batch would fit';
    const text = `a step needs ${bytesText(needed)} of ${bytesText(memory)}; ${more}`;
    return [{ code: 'fits', text, figures: { needed, memory, batch } }];
  }

  const ways: (Way | undefined)[] = [
    lowered(asked, 'batch', most(asked, 'batch', asked.batch, 1)),
    lowered(asked, 'seq', most(asked, 'seq', asked.seq, Math.min(leastTokens, asked.seq))),
    ...formats(outline).flatMap((packed) => {
      const way: Way = { ...asked, packed };
      return bytesOf(way) <= memory ? [way] : [lowered(way, 'batch', most(way, 'batch', asked.batch, 1))];
    }),
  ];
  const given: Advice = {
    code: 'does-not-fit',
    text: `a step needs ${bytesText(needed)}, and there are ${bytesText(memory)}`,
    figures: { needed, memory },
  };
  const fitting = ways.flatMap((way) => (way ? [fitsIf(asked, way, bytesOf(way))] : []));
  const again = bytesOf({ ...asked, checkpointing: true });
  const elsewhere = again <= memory ? [fitsElsewhere(outline, plan, workload, again)] : [];
  if (fitting.length > 0) return [given, ...fitting, ...elsewhere];
  const smallest: Way = { batch: 1, seq: Math.min(leastTokens, asked.seq) };
  const packed = formats(outline).at(-1);
  if (packed) smallest.packed = packed;
  const least = bytesOf(smallest);
  const text = `the least is ${bytesText(least)}, with ${wayText(asked, smallest)}: take a smaller model`;
  return [given, { code: 'cannot-fit', text, figures: { needed: least, memory } }, ...elsewhere];
}

function lowered(way: Way, of: 'batch' | 'seq', value: number | undefined): Way | undefined {
  return value === undefined ? undefined : { ...way, [of]: value };
}

/** What a base in float32 can still be packed as. */
function formats({ modules }: ModelOutline): BlockFormat[] {
  return modules.every(({ parameters, bytes }) => bytes === 4 * parameters) ? ['int8', 'nf4'] : [];
}

function fitsIf(asked: Way, way: Way, needed: number): Advice {
  const { batch, seq } = way;
  return {
    code: 'fits-if',
    text: `${bytesText(needed)} with ${wayText(asked, way)}`,
    figures: { needed, batch, sequence: seq },
  };
}

/** Checkpointing, with the work that it costs. lowrank cannot do it, and the text says so. */
function fitsElsewhere(outline: ModelOutline, plan: AdapterPlan, workload: Workload, needed: number): Advice {
  const { batch, seq } = workload;
  const step = (checkpointing: boolean) => stepFlops(outline, plan, { ...workload, checkpointing }).step;
  const work = step(true) / step(false);
  const more = `${(100 * (work - 1)).toFixed(0)} % more work a step`;
  return {
    code: 'fits-elsewhere',
    text: `${bytesText(needed)} with activation checkpointing, for ${more}: lowrank's trainer does not do that; train with PEFT and load the adapter here`,
    figures: { needed, batch, sequence: seq, work },
  };
}

function wayText(asked: Way, { batch, seq, packed }: Way): string {
  const parts = [
    batch === asked.batch ? [] : `a batch of ${batch} (accumulate for the rest)`,
    seq === asked.seq ? [] : `sequences of ${seq} tokens`,
    packed ? `the base packed as ${packed}` : [],
  ].flat();
  return parts.length > 0 ? parts.join(' and ') : 'what was asked for';
}

/** The largest whole number from `least` to `most` that fits, where fewer fit if more do; undefined where none does. */
function largest(least: number, most: number, fits: (value: number) => boolean): number | undefined {
  if (!fits(least)) return undefined;
  let [low, high] = [least, most + 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function impossible(memory: number): LowrankError {
  return new LowrankError('config-invalid', {
    given: `memory: ${memory}`,
    rule: 'it is a number of bytes above 0',
    fix: 'give what the machine has, such as 8 * 2 ** 30',
  });
}
