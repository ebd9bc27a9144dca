import { generate, type CausalModel, type ChatTemplate, type GenerateOptions, type Tokenizer } from '@lowrank/models';

type Message = { role: 'system' | 'user' | 'assistant'; content: string };

export interface ConversationOptions {
  model: CausalModel;
  tokenizer: Tokenizer;
  template: ChatTemplate;
  sampling: Omit<GenerateOptions, 'prompt' | 'signal'>;
  /** What it begins with. */
  system?: string | undefined;
}

/** A conversation that a model goes on with: each turn sees those before it, as far as they fit. */
export class Conversation {
  #turns: Message[] = [];

  constructor(private readonly options: ConversationOptions) {}

  reset(): void {
    this.#turns = [];
  }

  /**
   * Answers, piece by piece. What was said before an abort stays said.
   *
   * @returns how many early turns no longer fit and were forgotten
   * @throws as `ChatTemplate.render` and `generate`
   */
  async *answer(content: string, signal: AbortSignal): AsyncGenerator<string, number> {
    const { model, tokenizer, sampling } = this.options;
    this.#turns.push({ role: 'user', content });
    const before = this.#turns.length;
    const prompt = this.#prompt();
    // The template spells special tokens out: none are put around it.
    const spelled = { ...tokenizer, encode: (text: string) => tokenizer.encode(text) };
    let said = '';
    for await (const piece of generate(model, spelled, { ...sampling, prompt, signal })) {
      said += piece;
      yield piece;
    }
    const forgotten = before - this.#turns.length;
    this.#turns.push({ role: 'assistant', content: said });
    return forgotten;
  }

  /** Forgets the earliest question with its answer until there is room for a new one. */
  #prompt(): string {
    const { model, tokenizer, template, system, sampling } = this.options;
    const first: Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
    const render = () => template.render([...first, ...this.#turns], { addGenerationPrompt: true });
    const most = model.config.maxPositions;
    const room = Math.min(sampling.maxNewTokens ?? 128, most >> 2);
    let prompt = render();
    while (this.#turns.length > 2 && tokenizer.encode(prompt).length + room > most) {
      this.#turns.splice(0, 2);
      prompt = render();
    }
    return prompt;
  }
}
