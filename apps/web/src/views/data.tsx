import { file, formOf, forms, prompt, take, text, type Form } from '../state/choices.js';
import { failure } from '../state/lab.js';
import { takeMobyDick } from '../state/moby-dick.js';
import { FileField } from './file-field.js';

/** What to learn from. */
export function Data() {
  return (
    <>
      <label for="text">Text to learn from</label>
      <textarea
        id="text"
        rows={6}
        value={text.value}
        placeholder="Paste text, a CSV table or JSON Lines here"
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          if (/^\s*\{\s*"/.test(text.value)) file.value = 'your-text.jsonl';
        }}
      />
      <div class="row">
        <label>
          Read as{' '}
          <select
            value={formOf(file.value)}
            onChange={({ currentTarget }) => (file.value = `your-text.${currentTarget.value as Form}`)}
          >
            {Object.entries(forms).map(([form, what]) => (
              <option key={form} value={form}>
                {what}
              </option>
            ))}
          </select>
        </label>
        <button class="quiet" onClick={() => void takeMobyDick().catch(({ message }) => (failure.value = message))}>
          Use chapters of Moby-Dick
        </button>
        <FileField accept=".txt,.md,.csv,.tsv,.jsonl,.ndjson" onFiles={([first]) => take(first!)}>
          or drop a file
        </FileField>
      </div>
      <label>
        A prompt to go on with along the way{' '}
        <input value={prompt.value} onInput={({ currentTarget }) => (prompt.value = currentTarget.value)} />
      </label>
    </>
  );
}
