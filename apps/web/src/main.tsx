import { render } from 'preact';
import { isolate } from './isolate.js';
import { App } from './views/app.js';
import './style.css';

void isolate().catch(() => {
  // Without it wasm has one thread, which the page says.
});
render(<App />, document.body);
