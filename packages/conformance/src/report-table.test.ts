import { conformanceCases, reportTable, runConformance, tolerances } from '@lowrank/conformance';
import { cpu, describe, expect, it } from '@lowrank/testing';
import { residual } from '../test/right-kernels.js';

const loose = { atol: 1e-3, rtol: 0, because: 'a test of the notes' };
const rowOf = (table: string, op: string) => table.split('\n').find((line) => line.startsWith(`| ${op} |`));

describe('reportTable', () => {
  it('says of each op how many cases passed and whose kernel ran, and names what was left out or loosened', async () => {
    const own = { ...cpu(), kernels: { residual } };
    const some = await runConformance(own, { ops: ['residual', 'swiglu', 'deltaWeight'], large: false });
    const broken = {
      ...cpu(),
      name: 'cpu',
      kernels: { residual: () => ({ value: some as never, gradient: () => [] }) },
    };
    const bad = await runConformance(broken, { ops: ['residual'], tolerances: { residual: loose } });
    const table = reportTable([some, bad], { errors: false });
    expect(rowOf(table, 'op')).toBe('| op | cases | tolerance | cpu | cpu |');
    expect(rowOf(table, 'residual')).toMatch(
      /^\| residual \| 12 \| 1e-7 \+ 1e-7 · max \| 11\/11 · own \| 3\/12 · own \|$/,
    );
    expect(rowOf(table, 'swiglu')).toMatch(/\| 11\/11 · composed \| not run \|$/);
    expect(rowOf(table, 'deltaWeight')).toMatch(/\| 4\/4 \| not run \|$/);
    expect(rowOf(table, 'dequantise')).toMatch(/\| exact \| not run \| not run \|$/);
    expect(table).toContain('\ncpu: without the large shapes.');
    expect(table).toContain('cpu: residual is held to 1e-3 + 0e+0 · max, for a test of the notes.');
    expect(rowOf(reportTable([some]), 'residual')).toMatch(/ 11\/11 · 0\.\d\d · own \|$/);
  });
});

describe('the cases', () => {
  it('cover every op, and each title is unlike the others of its op', () => {
    expect(new Set(conformanceCases.map(({ op }) => op))).toEqual(new Set(Object.keys(tolerances)));
    const names = conformanceCases.map(({ op, title }) => `${op}: ${title}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('hold each op to a tolerance that has a reason and is no larger than 2e-5', () => {
    for (const { atol, rtol, because } of Object.values(tolerances)) {
      expect(Math.max(atol, rtol)).toBeLessThanOrEqual(2e-5);
      expect(because.length).toBeGreaterThan(10);
    }
  });
});
