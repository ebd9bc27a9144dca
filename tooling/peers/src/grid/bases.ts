import type { Base } from './base.js';
import { berts } from './families/bert.js';
import { gpt2s } from './families/gpt2.js';
import { llamas } from './families/llama.js';
import { mistrals } from './families/mistral.js';
import { qwen2s } from './families/qwen2.js';

/** Every family and option of a config that changes what is computed. */
export const bases: Base[] = [...llamas, ...qwen2s, ...mistrals, ...gpt2s, ...berts];
