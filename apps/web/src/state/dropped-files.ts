/** The files that lie in what was dropped: loose ones, and those directly in a dropped folder, with its name. */
export async function droppedFiles(dropped: DataTransfer | null): Promise<{ name?: string; files: File[] }> {
  // Entries are gone once the event is over, so they are taken before anything waits.
  const entries = Array.from(dropped?.items ?? [], (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = (await Promise.all(entries.map(filesOf))).flat();
  const folder = entries.find((entry) => entry.isDirectory);
  return folder ? { name: folder.name, files } : { files };
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await fileOf(entry as FileSystemFileEntry)];
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return Promise.all(inside.filter(({ isFile }) => isFile).map((each) => fileOf(each as FileSystemFileEntry)));
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A reader gives a folder's entries in portions, the last of them empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}
