import { signal } from '@preact/signals';
import { busy, sampled, send } from '../state/lab.js';

const prompt = signal('The people of the');

/** One prompt, as the base goes on with it and as the adapters do. */
export function Try() {
  return (
    <section aria-labelledby="try">
      <h2 id="try">Try</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          sampled.value = undefined;
          send({ type: 'sample', prompt: prompt.value });
        }}
      >
        <label>
          Prompt <input value={prompt.value} onInput={({ currentTarget }) => (prompt.value = currentTarget.value)} />
        </label>
        <button disabled={busy.value}>Write</button>
      </form>
      {sampled.value && (
        <div class="pair" aria-live="polite">
          <figure>
            <figcaption>Base</figcaption>
            <blockquote data-testid="base">{sampled.value.base}</blockquote>
          </figure>
          <figure>
            <figcaption>With adapters, {sampled.value.tokensPerSecond.toFixed(0)} tokens/s</figcaption>
            <blockquote data-testid="adapted">{sampled.value.adapted}</blockquote>
          </figure>
        </div>
      )}
    </section>
  );
}
