import { LowrankError } from '../errors/lowrank-error.js';
import type { LoraInit } from '../init/lora-init.js';
import { isDilated } from '../ops/conv-geometry.js';
import { indivisibleRank } from '../plan/indivisible-rank.js';
import type { FrozenConv } from './frozen-conv.js';

/** Those that PEFT has for convolutions. */
const starts: ReadonlySet<LoraInit> = new Set(['kaiming', 'gaussian', 'random']);

/** Throws `config-invalid` or `config-unsupported` for an adapter that a convolution cannot have. */
export function checkConvAdapter(
  { kernel, geometry }: FrozenConv,
  { rank, useDora, init }: { rank: number; useDora: boolean; init: LoraInit },
): void {
  const { groups, padding } = geometry;
  if (rank % groups !== 0) throw indivisibleRank(`rank ${rank} on a convolution of ${groups} groups`);
  if (!starts.has(init)) {
    throw unsupported(
      `init "${init}" on a convolution`,
      'it is a start for linears, in PEFT too',
      'leave the convolutions out of targetModules, or start with "kaiming" or "gaussian"',
    );
  }
  if (useDora && groups > 1) {
    throw unsupported(
      `useDora on a convolution of ${groups} groups`,
      'its update mixes the groups, so that it has no norm within one',
      'leave the module out, or train it without DoRA',
    );
  }
  if (isDilated(geometry, kernel) && padding !== 'same') {
    throw unsupported(
      `an adapter on a convolution with dilations [${geometry.dilations.join(', ')}] and padding "${padding}"`,
      "A has no dilations, in PEFT neither, and without 'same' padding gives another number of outputs",
      'leave the module out of targetModules',
    );
  }
}

/** Throws `config-unsupported` where no kernel of the base's form does what an adapter does to it. */
export function checkConvMergeable({ kernel, geometry }: FrozenConv): void {
  const { groups } = geometry;
  const given = 'merging the adapter of a convolution';
  const fix = 'use the adapter unmerged';
  if (groups > 1) {
    throw unsupported(
      `${given} of ${groups} groups`,
      'its update mixes the groups; PEFT does not merge it either',
      fix,
    );
  }
  if (isDilated(geometry, kernel)) {
    throw unsupported(`${given} with dilations`, 'its A reads other places than the kernel that is merged into', fix);
  }
}

function unsupported(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-unsupported', { given, rule, fix });
}
