import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyFolder } from '../folders.mjs';
import { foundIn } from '../found-in.mjs';
import { hostileHub } from '../hostile/server.mjs';
import { startLowrank } from '../lowrank.mjs';
import { trainOn } from '../small-run.mjs';

/** A user who owns nothing, for root may write anywhere. */
const nobody = process.geteuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** Commands that are to write into a folder that this user may only read: each says so before it has done its work. */
export async function readOnly({ folder, data, earlier }) {
  const out = await emptyFolder(folder, 'read-only');
  await cp(earlier, out, { recursive: true });
  await chmod(out, 0o555);
  const before = await foundIn(out);
  const env = { ...process.env, HOME: '/nonexistent' };
  const commands = {
    train: [...trainOn(data, out, { steps: 2 }), '--overwrite'],
    'train elsewhere in it': trainOn(data, join(out, 'new'), { steps: 2 }),
    rerank: ['rerank', earlier, '--rank', '1', '--out', out, '--overwrite'],
    export: ['export', '--adapter', earlier, '--for', 'peft', '--out', join(out, 'new')],
    fetch: ['fetch', 'org/m'],
  };
  const served = await hostileHub({}); // an honest one
  const bad = [];
  const ends = {};
  for (const [name, command] of Object.entries(commands)) {
    const given = name === 'fetch' ? { ...env, HF_HUB_CACHE: out, HF_ENDPOINT: served.endpoint } : env;
    const end = await startLowrank(command, { env: given, ...nobody }).ended;
    const { code } = end.events.at(-1) ?? {};
    const what = end.code === 0 ? 'done' : String(code);
    ends[what] = (ends[what] ?? 0) + 1;
    const after = await foundIn(out);
    if (code === 'file-unwritable' && after.adapter === before.adapter) continue;
    bad.push({ command: name, ended: what, stderr: end.stderr.slice(-400) });
  }
  await served.close();
  await chmod(out, 0o755);
  return { trials: Object.keys(commands).length, ends, bad };
}
