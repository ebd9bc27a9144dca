import { InvalidArgumentError } from 'commander';

/** An option's text as a whole number of `least` or more. */
export function whole(least = 1): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It is a whole number of ${least} or more.`);
  };
}

export interface Range {
  /** Smallest value allowed, itself excluded when `above`. */
  from: number;
  above?: boolean;
  /** Largest value allowed, itself excluded when `below`. */
  to?: number;
  below?: boolean;
}

/** An option's text as a finite number in a range. */
export function number({ from, above = false, to = Infinity, below = false }: Range): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const fits = (above ? value > from : value >= from) && (below ? value < to : value <= to);
    if (text.trim() !== '' && Number.isFinite(value) && fits) return value;
    const lower = `${above ? 'above' : 'at least'} ${from}`;
    const upper = to === Infinity ? '' : ` and ${below ? 'below' : 'at most'} ${to}`;
    throw new InvalidArgumentError(`It is a number, ${lower}${upper}.`);
  };
}
