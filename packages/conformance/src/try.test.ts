import { backends } from '@lowrank/testing';
import { test } from 'vitest';
import { runConformance, reportTable } from '@lowrank/conformance';
process.env['VK_ICD_FILENAMES'] = '/usr/lib/chromium/vk_swiftshader_icd.json'; process.env['XDG_RUNTIME_DIR'] ??= '/tmp';
test('try', async () => {
  const reports = [];
  const { webgpu } = await import('../../backend-webgpu/src/index.js');
  const { node } = await import('../../backend-node/src/index.js');
  for (const b of [backends[1]!, webgpu()]) {
    const t = performance.now();
    try {
    const r = await runConformance(b); reports.push(r);
    console.log(b.name, r.passed, r.results.length, ((performance.now()-t)/1000).toFixed(1)+' s', JSON.stringify(r.capabilities));
    for (const c of r.results) if (!c.passed) console.log('  FAIL', c.op, '|', c.title, '|', c.failure);
    console.log([...r.results].sort((a,b)=>b.milliseconds-a.milliseconds).slice(0,6).map(c=>`${c.op}:${c.title} ${c.milliseconds.toFixed(0)}`).join('\n'));
    } catch (e) { console.log(b.name, String(e).slice(0, 600)); }
  }
  console.log(reportTable(reports));
}, 600000);
