import { runConformance, reportTable } from '@lowrank/conformance';
import { wasm } from '@lowrank/backend-wasm';
import { node } from '@lowrank/backend-node';
import { webgpu } from '@lowrank/backend-webgpu';
import { test } from 'vitest';
test('x', async () => {
  const reports = [];
  for (const b of [wasm(), node(), webgpu()]) {
    const t = performance.now();
    try {
    const r = await runConformance(b); reports.push(r);
    console.log(b.name, performance.now() - t, r.results.filter((e) => !e.passed).map((e) => `${e.op}: ${e.title}: ${e.failure}`).join('\n'));
    console.log(r.results.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 8).map((e) => `${e.op} ${e.title} ${e.milliseconds}`).join('\n'));
    } catch (e) { console.log(b.name, String(e)); }
  }
  console.log(reportTable(reports));
}, 500000);
