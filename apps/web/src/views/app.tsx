import { failure, phase, status } from '../state/lab.js';
import { Adapters } from './adapters.js';
import { Learning } from './learning.js';
import { Model } from './model.js';
import { Setup } from './setup.js';
import { Try } from './try.js';

export function App() {
  return (
    <>
      <header>
        <h1>lowrank</h1>
        <p>Fine-tune a small language model in this tab. Nothing you type leaves it.</p>
      </header>
      <main>
        <p class="status" role="status">
          {status}
        </p>
        {failure.value && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <Model />
        {phase.value !== 'empty' && phase.value !== 'loading' && (
          <>
            <Setup />
            <Learning />
            <Try />
            <Adapters />
          </>
        )}
      </main>
    </>
  );
}
