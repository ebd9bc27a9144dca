import type { ComponentChildren } from 'preact';
import { droppedFiles } from '../state/dropped-files.js';
import { failure } from '../state/lab.js';

interface FileFieldProps {
  children: ComponentChildren;
  disabled?: boolean;
  accept?: string;
  /** Gets what was picked or dropped; `name` is that of a dropped folder. What it throws is shown. */
  onFiles: (files: File[], name?: string) => unknown;
}

/** A place for files: to pick with a click or a key, or to drop, loose or in a folder. */
export function FileField({ children, disabled = false, accept, onFiles }: FileFieldProps) {
  const give = async (given: Promise<{ name?: string; files: File[] }>) => {
    try {
      const { name, files } = await given;
      if (files.length > 0) await onFiles(files, name);
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  return (
    <label
      class="drop"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        if (!disabled) void give(droppedFiles(event.dataTransfer));
      }}
    >
      {children}{' '}
      <input
        type="file"
        multiple
        disabled={disabled}
        accept={accept}
        onChange={({ currentTarget }) => {
          void give(Promise.resolve({ files: Array.from(currentTarget.files ?? []) }));
          currentTarget.value = '';
        }}
      />
    </label>
  );
}
