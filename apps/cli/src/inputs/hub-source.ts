import { LowrankError } from '@lowrank/core';
import { fetchModel, type FetchedModel } from '@lowrank/models';
import { fetchView } from '../output/fetch-view.js';
import { interruptSignal } from '../train/interrupt.js';
import { isOnHub } from './is-on-hub.js';

/** How a model or an adapter that is on the hub is brought here. */
export interface HubOptions {
  /** Whether only the cache is looked at. */
  offline?: boolean | undefined;
  /** Events on stdout. */
  json?: boolean | undefined;
  /** Exactly these files. */
  files?: string[] | undefined;
}

/** The folder that `--adapter` names: a path, or one of the hub's adapters. */
export async function adapterFolder(adapter: string, options: HubOptions): Promise<string> {
  return isOnHub(adapter) ? (await fromHub(adapter, options)).path : adapter;
}

/** Brings it, showing how far it is. Ctrl-C ends the process and keeps what came. */
export async function fromHub(
  id: string,
  { offline, json = false, files }: HubOptions,
): Promise<FetchedModel & { path: string }> {
  const view = fetchView(id, json);
  const { signal, release } = interruptSignal(() => view.line('stopping: what came is kept for the next try'));
  try {
    const model = await fetchModel(id, { offline: offline || undefined, files, signal, onProgress: view.progress });
    view.done(model);
    return model as FetchedModel & { path: string };
  } catch (error) {
    view.clear();
    if (signal.aborted) process.exit(130);
    throw LowrankError.is(error) ? orFolder(error) : error;
  } finally {
    release();
  }
}

/** Someone who meant a folder hears that there is none. */
function orFolder({ code, given, rule, fix, cause }: LowrankError): LowrankError {
  return new LowrankError(code, {
    given,
    rule,
    fix: `${fix}; if you mean a folder, there is none of that name`,
    cause,
  });
}
