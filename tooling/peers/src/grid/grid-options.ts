import { parseArgs } from 'node:util';
import { backends, type BackendName } from './backend.js';

export interface GridOptions {
  /** A part of the ids to run, or an expression for it. */
  only: RegExp;
  backend: BackendName;
  json: boolean;
  /** Writes docs/peers.md. */
  write: boolean;
  /** Fails where docs/peers.md is not of such a run. */
  check: boolean;
  help: boolean;
}

export const usage = `pnpm peers [options]: lowrank beside Transformers and PEFT, on the same files

  --only <pattern>   cases whose id matches, e.g. load/llama or step/bert/encoder/two+r3
  --backend <name>   ${backends.join(' or ')}; default wasm
  --json             every case, as JSON
  --write            write docs/peers.md anew; not with --only
  --check            fail where docs/peers.md lists other cases; not with --only`;

/** Throws an Error that says what is wrong. */
export function optionsOf(args: string[]): GridOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: '' },
      backend: { type: 'string', default: 'wasm' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const backend = backends.find((name) => name === values.backend);
  if (!backend) throw new Error(`--backend ${values.backend}: it is ${backends.join(' or ')}`);
  if ((values.write || values.check) && values.only) throw new Error('the page is of a whole run: leave out --only');
  return { ...values, backend, only: patternOf(values.only) };
}

/** An id holds `+` and `.`, so what is no more than a part of one is taken word by word. */
function patternOf(text: string): RegExp {
  const plain = /^[\w/+.-]*$/.test(text);
  return new RegExp(plain ? text.replaceAll(/[+.]/g, String.raw`\$&`) : text);
}
