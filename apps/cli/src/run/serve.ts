import { LowrankError } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { loadChatTemplate, type ChatTemplate, type Quantise } from '@lowrank/models';
import { serve, type ServeFailure } from '@lowrank/serve';
import type { BackendChoice } from '../inputs/backend-names.js';
import { openModel } from '../inputs/model.js';
import { errorFacts, errorText } from '../output/fail.js';
import { reporter } from '../output/reporter.js';
import { interruptSignal } from '../train/interrupt.js';

export interface ServeFlags {
  model: string;
  quantise?: Quantise;
  adapters?: string;
  name: string;
  host: string;
  port: number;
  apiKey?: string;
  maxBatch: number;
  maxQueue: number;
  maxLive: number;
  maxTokens: number;
  /** Seconds. */
  timeLimit: number;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Serves until Ctrl-C or SIGTERM; then the running requests end, for ten seconds at most. */
export async function runServe(flags: ServeFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const { model, tokenizer, folder } = await openModel(flags.model, flags);
  using _ = model;
  using manager = new LoraManager(model, { maxLive: flags.maxLive });
  const template = await templateOf(folder);
  const onError = ({ status, code, message, cause }: ServeFailure) => {
    out.event({ type: 'request-fail', status, code, message, cause: errorFacts(cause) });
    if (!flags.json) process.stderr.write(`${status} ${code}: ${message}\n${errorText(cause)}\n`);
  };
  const timeLimit = flags.timeLimit * 1000;
  const server = await serve({ ...flags, model, tokenizer, manager, template, timeLimit, onError });
  const { signal, release } = interruptSignal(() => out.line('ending the running requests; once more stops at once'));
  const { url, adapters } = server;
  out.event({ type: 'listening', url, adapters });
  out.line(`${url}/v1 serves "${flags.name}" and ${adapters.length} adapters`);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
  release();
}

async function templateOf(folder: string): Promise<ChatTemplate | undefined> {
  try {
    return await loadChatTemplate(folder);
  } catch (error) {
    if (folder.endsWith('.gguf') || LowrankError.is(error, 'model-unsupported')) return undefined;
    throw error;
  }
}
