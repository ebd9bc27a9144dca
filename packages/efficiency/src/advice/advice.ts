/** Something to do about a plan, or to know before it runs. */
export interface Advice {
  code:
    | 'fits'
    | 'does-not-fit'
    | 'fits-if'
    | 'cannot-fit'
    | 'fits-elsewhere'
    | 'rank-beyond-need'
    | 'large-adapter'
    | 'rslora'
    | 'feed-forward'
    | 'targets-pay';
  /** For a person: what to do, and the figure behind it. */
  text: string;
  /** The same figures for a program. Memory in bytes. */
  figures: Record<string, number>;
}

/** `1.4 GiB`, `75.0 MiB` */
export function bytesText(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
