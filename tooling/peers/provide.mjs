// Everything of this folder that comes from outside, as far as it can be had here.
import { provideLlamaCpp } from './provide-llama-cpp.mjs';
import { providePython } from './provide-python.mjs';

/** @returns whether Python's packages are there, and `gaps`: a line for each peer that could not be had, and what it judges. */
export function providePeers() {
  const gaps = [];
  const there = (provide, judges) => {
    try {
      console.log(provide());
      return true;
    } catch (error) {
      gaps.push(`${judges}: ${error.message}`);
      return false;
    }
  };
  const python = there(providePython, 'models and adapters beside Transformers and PEFT');
  there(provideLlamaCpp, 'GGUF adapters in llama.cpp');
  return { python, gaps };
}
