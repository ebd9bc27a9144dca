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
    faults.check(old);
    faults.check(fresh);
    expect(() => faults.check(spoiled)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
    expect(() => faults.check(spoiled)).toThrow(/\(no room\)/);
  });

  it('takes no read for good that was begun before a report', () => {
    const faults = new Faults();
    const value = {};
    faults.bear(value);
    const { mark } = faults;
    faults.report(new GPUOutOfMemoryError('no room'));
    faults.confirm(mark);
    expect(() => faults.check(value)).toThrow();
    const later = {};
    faults.bear(later);
    faults.report(new GPUOutOfMemoryError('no room again'));
    expect(() => faults.check(later)).toThrow();
  });
});
