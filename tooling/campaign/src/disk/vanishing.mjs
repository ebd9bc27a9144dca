import { random } from '@lowrank/bench/src/random.mjs';
import { LowrankError } from '@lowrank/core';
import { fileSource, openGguf, openSafetensors, readCheckpoint, readPeft, readPeftFolder } from '@lowrank/formats';
import { cp, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { emptyFolder } from '../folders.mjs';
import { endedWell, startLowrank } from '../lowrank.mjs';
import { trainOn } from '../small-run.mjs';

/** What happens to a file behind a reader's back. */
const harms = {
  removed: (path) => rm(path, { force: true }),
  'cut short': async (path, draw) => truncate(path, Math.floor(draw() * (await stat(path)).size)),
  emptied: (path) => truncate(path, 0),
  'renamed away': (path) => rename(path, `${path}.gone`),
  'replaced by another': (path) => writeFile(path, 'another file'),
};

const readers = {
  safetensors: async (path, harm) => {
    const file = await openSafetensors(await fileSource(path('adapter_model.safetensors')));
    await harm(path('adapter_model.safetensors'));
    return file.readAll().finally(() => file.close());
  },
  GGUF: async (path, harm) => {
    const source = await fileSource(path('base.gguf'));
    try {
      const file = await openGguf(source);
      await harm(path('base.gguf'));
      for (const name of file.tensors.keys()) await file.read(name);
    } finally {
      await source.close();
    }
  },
  'PEFT folder, meanwhile': (path, harm) =>
    Promise.all([readPeftFolder(path('')), harm(path('adapter_model.safetensors'))]),
  'PEFT adapter, its config meanwhile': (path, harm) =>
    Promise.all([readPeft(path('')), harm(path('adapter_config.json'))]),
  'checkpoint, meanwhile': (path, harm) =>
    Promise.all([readCheckpoint(path('checkpoint.safetensors')), harm(path('checkpoint.safetensors'))]),
};

/**
 * Files that are harmed between opening and reading, by libraries in this process: what is read is whole, or a
 * LowrankError.
 *
 * @param given.intact a folder with all that the readers open
 */
export async function harmedWhileRead({ folder, intact, trials, seed }) {
  const draw = random(seed);
  const pick = (of) => Object.entries(of)[Math.floor(draw() * Object.keys(of).length)];
  const bad = [];
  let refused = 0;
  for (let trial = 0; trial < trials; trial++) {
    const [what, read] = pick(readers);
    const [harm, apply] = pick(harms);
    const place = await emptyFolder(folder, 'harmed');
    await cp(intact, place, { recursive: true });
    try {
      await read(
        (name) => join(place, name),
        (path) => apply(path, draw),
      );
    } catch (error) {
      refused += 1;
      if (!LowrankError.is(error)) bad.push({ what, harm, error: String(error?.stack ?? error) });
    }
  }
  return { trials, refused, bad };
}

/** The command line, whose model, data or own run is harmed at a random moment: it ends, and says why. */
export async function harmedCommands({ folder, data, base, earlier, trials, seed }) {
  const draw = random(seed);
  const bad = [];
  const ends = {};
  for (let trial = 0; trial < trials; trial++) {
    const place = await emptyFolder(folder, 'vanishing');
    await cp(base, join(place, 'base'), { recursive: true });
    await cp(earlier, join(place, 'adapter'), { recursive: true });
    await cp(data, join(place, 'text.txt'));
    const [out, model] = [join(place, 'out'), join(place, 'base')];
    const commands = [
      [...trainOn(join(place, 'text.txt'), out, { steps: 4 }), '--model', model],
      ['rerank', join(place, 'adapter'), '--rank', '1', '--out', out],
      ['inspect', model],
    ];
    const command = commands[trial % commands.length];
    const { ended } = startLowrank(command);
    await later(Math.floor(1500 * draw()));
    const [harm, at] = await harmSomething(place, draw);
    const end = await ended;
    const what = end.code === 0 ? 'done' : String(end.events.at(-1)?.code);
    ends[what] = (ends[what] ?? 0) + 1;
    if (!endedWell(end)) bad.push({ command: command[0], harm, at, ended: what, stderr: end.stderr.slice(-600) });
  }
  return { trials, ends, bad };
}

/** One file, or all that there is. */
async function harmSomething(place, draw) {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (draw() < 0.2) {
    const [part] = ['out', 'base', 'adapter'].sort(() => draw() - 0.5);
    await rm(join(place, part), { recursive: true, force: true, maxRetries: 3 });
    return ['removed', part];
  }
  const path = files[Math.floor(draw() * files.length)];
  const [harm, apply] = Object.entries(harms)[Math.floor(draw() * Object.keys(harms).length)];
  await apply(path, draw).catch((error) => {
    if (error.code !== 'ENOENT') throw error; // the command itself was faster
  });
  return [harm, path.slice(place.length + 1)];
}
