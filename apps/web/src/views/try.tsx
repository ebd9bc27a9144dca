import type { Written } from '../messages.js';
import { prompt } from '../state/choices.js';
import { busy, sampled, send } from '../state/lab.js';

/** One prompt, as the base goes on with it and as the adapters do. */
export function Try() {
  const { step, base, adapted, prompt: asked } = sampled.value ?? {};
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
      {base && adapted && (
        <div class="pair" aria-live="polite" aria-label={`What goes on from “${asked}”`} role="group">
          <Half name="base" title="Base" written={base} />
          <Half
            name="adapted"
            title={step === undefined ? 'With adapters' : `Yours at step ${step}`}
            written={adapted}
          />
        </div>
      )}
    </section>
  );
}

function Half({ name, title, written }: { name: string; title: string; written: Written }) {
  const { text, next, tokensPerSecond } = written;
  return (
    <figure>
      <figcaption>
        {title}, {tokensPerSecond.toFixed(0)} tokens/s
      </figcaption>
      <blockquote data-testid={name}>{text}</blockquote>
      <table class="next" data-testid={`${name}-next`}>
        <caption>Next token</caption>
        <thead>
          <tr>
            <th scope="col">Token</th>
            <th scope="col">Probability</th>
            <th scope="col">Logarithm</th>
          </tr>
        </thead>
        <tbody>
          {next.map(({ text: token, logProbability }) => (
            <tr key={token}>
              <th scope="row">{JSON.stringify(token)}</th>
              <td>{(100 * Math.exp(logProbability)).toFixed(1)} %</td>
              <td>{logProbability.toFixed(4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
