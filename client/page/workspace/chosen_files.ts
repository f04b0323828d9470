/** A file of the person's machine, and where it lies below what they chose or dropped. */
export interface ChosenFile {
  file: File;
  path: string;
}

/** Let the person choose files of their machine. */
export function chooseFiles(take: (files: ChosenFile[]) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.onchange = () => take([...(input.files ?? [])].map((file) => ({ file, path: file.name })));
  input.click();
}

/** The files of a drop, those in dropped folders too; call it before the event is over, when its data goes. */
export async function droppedFiles(data: DataTransfer): Promise<ChosenFile[]> {
  const found = [...data.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    return entry ? filesUnder(entry) : withoutEntry(item.getAsFile());
  });
  return (await Promise.all(found)).flat();
}

/** Some sources of drops have files without a place in a file system. */
function withoutEntry(file: File | null): ChosenFile[] {
  return file ? [{ file, path: file.name }] : [];
}

async function filesUnder(entry: FileSystemEntry): Promise<ChosenFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, path: entry.fullPath.slice(1) }];
  }
  const found: ChosenFile[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) found.push(...(await filesUnder(child)));
  return found;
}

/** `readEntries` gives a hundred at a time, and none at the end. */
async function childrenOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = directory.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
  }
}
