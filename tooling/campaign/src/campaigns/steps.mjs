import { growth } from '../growth.mjs';
import { optionsOf } from '../options.mjs';
import { readResult, writeResult } from '../results.mjs';
import { steps } from '../steps.mjs';

/**
 * `--steps` on `--backends`, one after the other. Those that have as many already are not run again; all that was found is
 * judged, so that what grows fails each call.
 */
export async function campaign(args) {
  const { backends, steps: count, until } = optionsOf(args, { backends: 'wasm,node,webgpu,cpu', steps: 10_000 });
  const found = readResult('steps')?.backends ?? {};
  for (const backend of backends.split(',')) {
    if (found[backend]?.steps >= count || performance.now() > until) continue;
    const onLook = ([step, tensors, , resident]) => {
      if (step % 500 === 0)
        console.log(`${backend} ${step}: ${tensors} tensors, ${Math.round(resident / 2 ** 20)} MiB`);
    };
    found[backend] = await steps({ backend, steps: count, onLook });
    console.log(JSON.stringify({ backend, ...found[backend] }));
    await writeResult('steps', { backends: found });
  }
  const grown = growth(found);
  for (const line of grown) console.error(line);
  if (grown.length > 0) process.exitCode = 1;
}
