import { percentText } from './scores-text.js';

/** How many of the less likely classes are told. */
const others = 3;

/** A text's class for people, the likeliest first: `spam 98.10 %, ham 1.90 %  Win a prize`. */
export function classesText(text: string, classNames: readonly string[], shares: number[]): string {
  const ranked = classNames
    .map((name, index) => ({ name, share: shares[index] as number }))
    .sort((left, right) => right.share - left.share)
    .slice(0, 1 + others)
    .map(({ name, share }) => `${name} ${percentText(share)}`);
  return `${ranked.join(', ')}  ${excerpt(text)}`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
