import { describe, expect, it } from '@lowrank/testing';
import { bytesText, countText, secondsText } from './units.js';

describe('units', () => {
  it('shows bytes in powers of 1024', () => {
    expect([0, 1023, 1024, 13_841_203, 2 ** 31].map(bytesText)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '13.2 MiB',
      '2.0 GiB',
    ]);
  });

  it('shows counts and times as people write them', () => {
    expect([countText(3456789), secondsText(0.4), secondsText(59.6), secondsText(125), secondsText(3725)]).toEqual([
      '3,456,789',
      '0 s',
      '1:00',
      '2:05',
      '1:02:05',
    ]);
  });
});
