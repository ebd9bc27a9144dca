import type { FetchedModel, FetchProgress } from '@lowrank/models';
import { bytesText } from './units.js';

export interface FetchView {
  progress(progress: FetchProgress): void;
  done(model: FetchedModel): void;
  line(text: string): void;
  /** Takes the bar away. */
  clear(): void;
}

/** Ms between two bars, or two events of one file. */
const pause = 200;

/** Shows a fetch on stderr: a bar on a terminal, else a line a file; with `json`, events on stdout. */
export function fetchView(id: string, json: boolean): FetchView {
  const live = process.stderr.isTTY === true;
  let [file, shownAt, shown] = ['', 0, false];
  const clear = () => {
    if (shown) process.stderr.write('\r\u001b[K');
    shown = false;
  };
  const line = (text: string) => {
    clear();
    process.stderr.write(`${text}\n`);
  };
  const event = (body: object) => json && process.stdout.write(`${JSON.stringify(body)}\n`);
  return {
    clear,
    line,
    progress(progress) {
      const fresh = progress.file !== file;
      if (fresh && !live) line(`fetching ${id}: ${progress.file}, ${bytesText(progress.size)}`);
      file = progress.file;
      if (!fresh && progress.bytes < progress.size && Date.now() - shownAt < pause) return;
      shownAt = fresh ? 0 : Date.now();
      event({ type: 'fetch', id, ...progress });
      if (!live) return;
      clear();
      process.stderr.write(bar(progress).slice(0, (process.stderr.columns ?? 80) - 1));
      shown = true;
    },
    done({ current, commit }) {
      clear();
      if (!current) line(`the hub cannot be reached: ${id} is taken from the cache, at commit ${commit}`);
    },
  };
}

function bar({ file, totalBytes, totalSize }: FetchProgress): string {
  const share = totalSize === 0 ? 1 : totalBytes / totalSize;
  const full = Math.round(20 * share);
  const percent = `${Math.floor(100 * share)} %`.padStart(5);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${percent} of ${bytesText(totalSize)}  ${file}`;
}
