import { loadChatTemplate, type Quantise } from '@lowrank/models';
import { createInterface } from 'node:readline';
import { Conversation } from '../chat/conversation.js';
import { samplingOf, type SamplingFlags } from '../commands/sampling-options.js';
import { adapt } from '../inputs/adapted.js';
import { baseFor } from '../inputs/adapter-facts.js';
import type { BackendChoice } from '../inputs/backend-names.js';
import { modelFolder, openModel } from '../inputs/model.js';
import { styled } from '../output/colour.js';
import { reporter } from '../output/reporter.js';

export interface ChatFlags extends SamplingFlags {
  model?: string;
  quantise?: Quantise;
  adapter?: string;
  system?: string;
  backend: BackendChoice;
  offline?: boolean;
  json?: boolean;
}

/** Answers line by line, until stdin or the user ends it. */
export async function runChat(flags: ChatFlags): Promise<void> {
  const out = reporter(flags.json ?? false);
  const name = await baseFor(flags, flags);
  // Before the weights: a model without one is refused at once.
  const template = await loadChatTemplate(await modelFolder(name, flags));
  const { model, tokenizer } = await openModel(name, flags);
  using _ = model;
  using manager = await adapt(model, flags.adapter, flags);
  if (manager.active.length > 0 && flags.quantise === undefined) await manager.merge();
  const sampling = samplingOf(flags);
  const conversation = new Conversation({ model, tokenizer, template, sampling, system: flags.system });

  const terminal = process.stdin.isTTY === true && out.people.isTTY === true;
  const lines = createInterface({ input: process.stdin, terminal, ...(terminal && { output: out.people }) });
  lines.setPrompt(styled('bold', '> ', out.people));
  let answering: AbortController | undefined;
  lines.on('SIGINT', () => {
    if (answering) return answering.abort();
    process.exitCode = 130;
    lines.close();
  });
  const ask = () => void (terminal && lines.prompt());
  ask();
  for await (const line of lines) {
    const content = line.trim();
    if (content === '/exit') break;
    if (content === '/reset') {
      conversation.reset();
      out.line('(forgotten)');
    } else if (content !== '') {
      answering = new AbortController();
      await answer(content, answering.signal);
      answering = undefined;
    }
    ask();
  }
  lines.close();

  async function answer(content: string, signal: AbortSignal): Promise<void> {
    const pieces = conversation.answer(content, signal);
    let text = '';
    let next = await pieces.next();
    for (; next.done !== true; next = await pieces.next()) {
      text += next.value;
      out.event({ type: 'text', piece: next.value });
      if (!flags.json) process.stdout.write(next.value);
    }
    out.event({ type: 'answer', question: content, text, forgotten: next.value });
    if (!flags.json) out.line();
    if (next.value > 0) process.stderr.write('notice: the earliest turns no longer fit and are forgotten\n');
  }
}
