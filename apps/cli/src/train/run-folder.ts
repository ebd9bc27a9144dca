import { LowrankError, type Checkpoint } from '@lowrank/core';
import { readCheckpoint, readJsonObject, writeCheckpoint, writeFileAtomic } from '@lowrank/formats';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptOptions } from './run-options.js';

/** What a run keeps beside its adapter, under `<out>/run`: options, checkpoint, events and loss curve. */
export class RunFolder {
  readonly folder: string;
  readonly options: string;
  readonly checkpoint: string;
  readonly events: string;
  /** Beside the adapter itself, for people. */
  readonly curve: string;
  readonly #classes: string;

  constructor(readonly out: string) {
    this.folder = join(out, 'run');
    this.options = join(this.folder, 'options.json');
    this.checkpoint = join(this.folder, 'checkpoint.safetensors');
    this.events = join(this.folder, 'events.jsonl');
    this.curve = join(out, 'loss.svg');
    this.#classes = join(out, 'classes.json');
  }

  get holdsAdapter(): boolean {
    return existsSync(join(this.out, 'adapter_config.json'));
  }

  get holdsRun(): boolean {
    return existsSync(this.options);
  }

  /** Begins a run: what an earlier one left is gone, its adapter stays until ours is whole. Throws `file-unwritable`. */
  async begin(options: KeptOptions): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true });
      for (const file of [this.options, this.checkpoint, this.events]) await rm(file, { force: true });
    } catch (cause) {
      throw new LowrankError('file-unwritable', {
        given: this.out,
        rule: (cause as Error).message,
        fix: 'give a folder that this user may write',
        cause,
      });
    }
    await writeFileAtomic(this.options, new TextEncoder().encode(`${JSON.stringify(options, undefined, 2)}\n`));
  }

  /** Takes away the names of classes that an adapter had which was here before. */
  async forgetClasses(): Promise<void> {
    await rm(this.#classes, { force: true });
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

  async writeCheckpoint(checkpoint: Checkpoint): Promise<void> {
    await writeCheckpoint(this.checkpoint, checkpoint);
  }
}
