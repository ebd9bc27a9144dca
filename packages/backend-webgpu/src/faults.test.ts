import { describe, expect, it } from '@lowrank/testing';
import { Faults } from './faults.js';

class GPUOutOfMemoryError {
  constructor(readonly message: string) {}
}

describe('Faults', () => {
  it('spoils what was made since the last good read and before the report, and nothing else', () => {
    const faults = new Faults();
    const [old, spoiled, fresh] = [{}, {}, {}];
    faults.bear(old);
    faults.confirm(faults.mark);
    faults.bear(spoiled);
    faults.report(new GPUOutOfMemoryError('no room\nat all'));
    faults.bear(fresh);
    expect(faults.of(old)).toBeUndefined();
    expect(faults.of(fresh)).toBeUndefined();
    expect(faults.of(spoiled)).toMatchObject({ code: 'out-of-memory', message: expect.stringContaining('(no room)') });
  });

  it('takes no read for good that was begun before a report', () => {
    const faults = new Faults();
    const value = {};
    faults.bear(value);
    const { mark } = faults;
    faults.report(new GPUOutOfMemoryError('no room'));
    faults.confirm(mark);
    expect(faults.of(value)).toBeDefined();
    const later = {};
    faults.bear(later);
    faults.report(new GPUOutOfMemoryError('no room again'));
    expect(faults.of(later)).toBeDefined();
  });

  it('keeps what came from the host until a read shows that it arrived, and what was spoiled beyond that', () => {
    const faults = new Faults();
    const [spoiled, arrived, freed] = [{}, {}, {}];
    const values = new Float32Array(1);
    faults.bear(spoiled, values);
    faults.report(new GPUOutOfMemoryError('no room'));
    for (const made of [arrived, freed]) faults.bear(made, values);
    faults.forget(freed);
    expect([spoiled, arrived, freed].map((made) => faults.fromHost(made))).toEqual([values, values, undefined]);
    faults.confirm(faults.mark);
    expect([spoiled, arrived].map((made) => faults.fromHost(made))).toEqual([values, undefined]);
  });
});
