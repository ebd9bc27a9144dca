import { parseArgs } from 'node:util';
import { backends, type BackendName } from './backend.js';

export interface GridOptions {
  /** The id to run; or a part of those to run, or an expression for it. */
  only: string;
  backend: BackendName;
  json: boolean;
  /** Writes docs/peers.md. */
  write: boolean;
  /** Fails where docs/peers.md is not of such a run. */
  check: boolean;
  help: boolean;
}

export const usage = `pnpm run peers [options]: lowrank beside Transformers and PEFT, on the same files

  --only <pattern>   the case of that id, e.g. load/llama/gqa/two+r3; else those that hold or match it, e.g. step/bert
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
  return { ...values, backend };
}
