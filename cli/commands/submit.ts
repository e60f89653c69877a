import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { CreateUploads, SubmitDataset, type SubmitDatasetInput } from '../../clients/typescript/gen/operations.js';
import { SciclomaticError } from '../../core/errors.js';
import { required, type Session } from '../session.js';
import { waitForHealth } from '../wait-for-job.js';

export interface SubmitOptions {
  readonly metadata?: string;
  readonly title?: string;
  readonly description?: string;
  readonly creator: readonly string[];
  readonly subject: readonly string[];
  readonly license?: string;
  readonly doi?: string;
  readonly previous?: string;
  readonly wait: boolean;
}

/** A file on this machine and the path that it gets in the dataset. */
interface LocalFile {
  readonly source: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

const creatorSchema = z.union([
  z
    .string()
    .min(1)
    .transform((name) => ({ name })),
  z.strictObject({ name: z.string().min(1), orcid: z.string().optional(), affiliation: z.string().optional() }),
]);

/** The YAML or JSON file that --metadata names. Flags win over it. */
const metadataSchema = z.strictObject({
  title: z.string().optional(),
  description: z.string().optional(),
  creators: z.array(creatorSchema).optional(),
  subjects: z.array(z.string()).optional(),
  license: z.string().optional(),
  doi: z.string().optional(),
  publishedAt: z.string().optional(),
  version: z.string().optional(),
  language: z.string().optional(),
  resourceType: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).optional(),
});

/** Uploads that run side by side. */
const CONCURRENT_UPLOADS = 4;
/** Uploads asked for in one request. */
const UPLOADS_PER_REQUEST = 1000;

/** `sc submit`: uploads files, makes a dataset of them and waits until it is safe. */
export async function submit(session: Session, paths: readonly string[], options: SubmitOptions): Promise<void> {
  const metadata = await readMetadata(options);
  const files = await listLocalFiles(paths);
  const uploadIds = await uploadFiles(session, files);
  const { data, errors } = await session.client.request(
    SubmitDataset,
    { input: { ...metadata, uploadIds } },
    { signal: session.signal },
  );
  const datasetId = required(data.submitDataset, errors, 'The submission').dataset.id;
  session.output.remark(`submitted ${datasetId}`);
  const health = options.wait ? await waitForHealth(session, datasetId) : null;
  session.output.result({ datasetId, fileCount: files.length, health }, [
    datasetId,
    ...(health ? [`${health.state}: ${health.reason}`] : []),
  ]);
}

async function readMetadata(options: SubmitOptions): Promise<Omit<SubmitDatasetInput, 'uploadIds'>> {
  const fromFile = options.metadata === undefined ? {} : await readMetadataFile(options.metadata);
  const creators = options.creator.length > 0 ? options.creator.map((name) => ({ name })) : fromFile.creators;
  const title = options.title ?? fromFile.title;
  const problems = [
    title ? '' : 'a title (--title, or title: in the metadata file)',
    creators?.length ? '' : 'a creator (--creator, or creators: in the metadata file)',
  ].filter(Boolean);
  if (problems.length > 0 || !title || !creators)
    throw new SciclomaticError('BAD_INPUT', `A dataset needs ${problems.join(' and ')}`);
  const { parameters = {}, subjects = [], resourceType = 'Dataset', ...rest } = fromFile;
  return {
    ...rest,
    resourceType,
    title,
    creators,
    description: options.description ?? fromFile.description,
    subjects: options.subject.length > 0 ? options.subject : subjects,
    license: options.license ?? fromFile.license,
    doi: options.doi ?? fromFile.doi,
    previousVersion: options.previous,
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
  };
}

async function readMetadataFile(path: string): Promise<z.infer<typeof metadataSchema>> {
  let value: unknown;
  try {
    value = parseYaml(await readFile(path, 'utf8'));
  } catch (error) {
    throw new SciclomaticError('BAD_INPUT', `${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const parsed = metadataSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SciclomaticError(
    'BAD_INPUT',
    `${path}: ${parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; ')}`,
  );
}

/** Files keep their names, files of a folder their paths below it. */
async function listLocalFiles(paths: readonly string[]): Promise<LocalFile[]> {
  const files: LocalFile[] = [];
  for (const source of paths) {
    const found = await stat(source).catch(() => {
      throw new SciclomaticError('BAD_INPUT', `${source} cannot be read`);
    });
    if (!found.isDirectory()) {
      files.push({ source, path: basename(source), sizeBytes: found.size, modifiedMs: found.mtimeMs });
      continue;
    }
    for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = await stat(file);
      files.push({
        source: file,
        path: file.slice(join(source, '/').length).replaceAll('\\', '/'),
        sizeBytes: size,
        modifiedMs: mtimeMs,
      });
    }
  }
  const twice = files.find(({ path }, position) => files.findIndex((other) => other.path === path) !== position);
  if (twice) throw new SciclomaticError('BAD_INPUT', `Two files would have the path ${twice.path}`);
  if (files.length === 0) throw new SciclomaticError('BAD_INPUT', 'There are no files in what was given');
  return files;
}

async function uploadFiles(session: Session, files: readonly LocalFile[]): Promise<string[]> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const progress = session.output.progress(`upload of ${files.length} files`, total);
  let done = 0;
  const ids: string[] = [];
  for (let start = 0; start < files.length; start += UPLOADS_PER_REQUEST) {
    const part = files.slice(start, start + UPLOADS_PER_REQUEST);
    const input = await Promise.all(
      part.map(async (file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha256: await digestFile(file.source) })),
    );
    const { data, errors } = await session.client.request(CreateUploads, { input }, { signal: session.signal });
    const { uploads } = required(data.createUploads, errors, 'The uploads');
    const waiting = uploads.map((upload, position) => ({ upload, file: part[position] as LocalFile }));
    const uploadNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await uploadFile(session, next.file, next.upload.url);
        done += next.file.sizeBytes;
        progress.update(done);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_UPLOADS }, uploadNext));
    ids.push(...uploads.map(({ id }) => id));
  }
  progress.end();
  return ids;
}

/** @throws FILE_CHANGED when the file is not what it was when the submission began */
async function uploadFile(session: Session, file: LocalFile, url: string): Promise<void> {
  const changed = () => new SciclomaticError('FILE_CHANGED', `${file.source} changed while it was submitted`);
  const isSame = async () => {
    const now = await stat(file.source);
    return now.size === file.sizeBytes && now.mtimeMs === file.modifiedMs;
  };
  if (!(await isSame())) throw changed();
  try {
    await session.client.upload(url, await openAsBlob(file.source), { signal: session.signal });
  } catch (error) {
    if (!(await isSame())) throw changed();
    throw error;
  }
  if (!(await isSame())) throw changed();
}

async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
