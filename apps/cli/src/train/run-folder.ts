import { LowrankError, type Checkpoint } from '@lowrank/core';
import {
  readCheckpoint,
  readJsonObject,
  removeUnfinished,
  unwritable,
  writeCheckpoint,
  writeFileAtomic,
} from '@lowrank/formats';
import { checkClaim } from '@lowrank/sweep';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../output/make-folder.js';
import { environment } from './environment.js';
import type { RunEvent } from './event-log.js';
import type { KeptOptions } from './run-options.js';

/** What a run keeps beside its adapter, under `<out>/run`: options, environment, checkpoint, events and plots. */
export class RunFolder {
  readonly folder: string;
  readonly options: string;
  readonly checkpoint: string;
  readonly events: string;
  /** Beside the adapter itself, for people. */
  readonly curve: string;
  /** Of what else its events say. */
  readonly plots: string;
  readonly environment: string;

  constructor(readonly out: string) {
    this.folder = join(out, 'run');
    this.options = join(this.folder, 'options.json');
    this.checkpoint = join(this.folder, 'checkpoint.safetensors');
    this.events = join(this.folder, 'events.jsonl');
    this.curve = join(out, 'loss.svg');
    this.plots = join(this.folder, 'plots');
    this.environment = join(this.folder, 'environment.json');
  }

  get holdsAdapter(): boolean {
    return existsSync(join(this.out, 'adapter_config.json'));
  }

  get holdsRun(): boolean {
    return existsSync(this.options);
  }

  /** Throws `file-unwritable` where the run is a trial's and another process goes on with it: asked before each write. */
  async checkOurs(): Promise<void> {
    await checkClaim(this.out);
  }

  /** Takes away what a killed process of this run had begun to write. */
  async tidy(): Promise<void> {
    for (const folder of [this.out, this.folder, this.plots]) await removeUnfinished(folder);
  }

  /** Begins a run: what an earlier one left is gone, its adapter stays until ours is whole. Throws `file-unwritable`. */
  async begin(options: KeptOptions): Promise<void> {
    await makeFolder(this.folder);
    for (const file of [this.options, this.checkpoint, this.events]) {
      await rm(file, { force: true }).catch((cause) => {
        throw unwritable(file, cause);
      });
    }
    await writeJson(this.options, options);
    await writeJson(this.environment, environment());
  }

  /** The options of the run that is here. Throws `file-missing` when there is none. */
  async readOptions(): Promise<KeptOptions> {
    if (!this.holdsRun) {
      throw new LowrankError('file-missing', {
        given: this.options,
        rule: 'there is no run here to go on with',
        fix: 'start one without --resume, or name the --out that it was started with',
      });
    }
    return readJsonObject(this.options);
  }

  /** The last checkpoint, or undefined when the run had none yet. */
  async readCheckpoint(): Promise<Checkpoint | undefined> {
    return existsSync(this.checkpoint) ? readCheckpoint(this.checkpoint) : undefined;
  }

  /** Draws what the events say. @param unit what is learned one by one */
  async draw(events: RunEvent[], unit: string): Promise<void> {
    const { lossCurve } = await import('../output/loss-curve.js');
    const { runPlots } = await import('../output/run-plots.js');
    await writeText(this.curve, lossCurve(events, { title: `Loss of ${basename(this.out)}`, unit }));
    await makeFolder(this.plots);
    for (const [name, svg] of Object.entries(runPlots(events, unit))) await writeText(join(this.plots, name), svg);
  }

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await this.checkOurs();
    await writeCheckpoint(this.checkpoint, checkpoint);
  }
}

const writeText = (path: string, text: string) => writeFileAtomic(path, new TextEncoder().encode(text));

const writeJson = (path: string, json: object) => writeText(path, `${JSON.stringify(json, undefined, 2)}\n`);
