import { readFileSync } from 'node:fs';
import { golden } from './goldens.js';

/** Texts on which two tokenizers most easily disagree, and words that chat models give a meaning of their own. */
export const trickyTexts: string[] = [
  ...(JSON.parse(readFileSync(golden('gguf/bpe-tokens.json'), 'utf8')).texts as string[]),
  '<|im_start|>user\nHow tall is K2?<|im_end|>\n<|im_start|>assistant\n',
  'one<|endoftext|>two',
  '<|im_start|',
  'def f(x):\n\treturn  x ** 2  # 10 000\n',
].filter((text) => text !== '');
