import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const MIB = 1024 * 1024;

/** Bytes that do not repeat and do not compress, the same every time: AES-CTR over zeros. */
export async function writeLargeFile(path: string, sizeMib: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  try {
    for (let written = 0; written < sizeMib; written++) await file.write(cipher.update(Buffer.alloc(MIB)));
  } finally {
    await file.close();
  }
}

/** Small files in nested folders: an empty one, and names that URLs and ids must escape. */
export async function writeSmallFiles(dir: string, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const path = join(dir, `run ${number % 7}`, `größe#${number}%.csv`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `step,value\n${number},${number * number}\n`.repeat(number));
  }
}

/** SHA-256, lower-case hex, of every file below the folder, by its path there; sorted by path. */
export async function digestFolder(dir: string): Promise<Record<string, string>> {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  const digests: Record<string, string> = {};
  for (const path of paths) {
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
    digests[relative(dir, path)] = hash.digest('hex');
  }
  return digests;
}
