import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { CreateUploads, SubmitDataset, type SubmitDatasetInput } from '../../clients/typescript/gen/operations.js';
import { SciclomaticError } from '../../core/errors.js';
import { type LocalFile, listLocalFiles } from '../list-local-files.js';
import { onDisk } from '../local-error.js';
import { formatQuantity } from '../output.js';
import { required, type Session } from '../session.js';
import { waitForHealth } from '../wait-for-job.js';

export interface SubmitOptions {
  readonly metadata?: string;
  readonly title?: string;
  readonly description?: string;
  readonly creator?: readonly string[];
  readonly subject?: readonly string[];
  readonly license?: string;
  readonly doi?: string;
  readonly previous?: string;
  readonly wait: boolean;
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

/** `sc submit`: uploads files, makes a dataset of them and waits until it is safe. @throws BAD_INPUT, FILE_CHANGED, what the server says */
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
  const creators = options.creator?.map((name) => ({ name })) ?? fromFile.creators;
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
    subjects: options.subject ?? subjects,
    license: options.license ?? fromFile.license,
    doi: options.doi ?? fromFile.doi,
    previousVersion: options.previous,
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
  };
}

async function readMetadataFile(path: string): Promise<z.infer<typeof metadataSchema>> {
  const text = await onDisk(path, () => readFile(path, 'utf8'));
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message.trim() : String(error);
    throw new SciclomaticError('BAD_INPUT', `${path}: ${problem}`, { cause: error });
  }
  const parsed = metadataSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SciclomaticError('BAD_INPUT', `${path}: ${parsed.error.issues.map(describeIssue).join('; ')}`);
}

function describeIssue({ code, path, message, ...issue }: z.core.$ZodIssue): string {
  const place = path.join('.') || 'file';
  const isText = code === 'invalid_type' && 'expected' in issue && issue.expected === 'string';
  const hint = isText ? '; in YAML, put it between quotes' : '';
  const known = code === 'unrecognized_keys' ? ` (known are ${Object.keys(metadataSchema.shape).join(', ')})` : '';
  return `${place}: ${message}${path.length === 0 ? known : ''}${hint}`;
}

async function uploadFiles(session: Session, files: readonly LocalFile[]): Promise<string[]> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const progress = session.output.progress(`upload of ${formatQuantity(files.length, 'file')}`, total);
  const failed = new AbortController();
  const stop = () => failed.abort(session.signal.reason);
  session.signal.addEventListener('abort', stop, { once: true });
  if (session.signal.aborted) stop();
  const { signal } = failed;
  let done = 0;
  const ids: string[] = [];
  try {
    for (let start = 0; start < files.length; start += UPLOADS_PER_REQUEST) {
      const part = files.slice(start, start + UPLOADS_PER_REQUEST);
      const waiting = await createUploads(session, part, signal);
      ids.push(...waiting.map(({ id }) => id));
      const uploadNext = async (): Promise<void> => {
        for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
          await uploadFile(session, next.file, next.url, signal);
          done += next.file.sizeBytes;
          progress.update(done);
        }
      };
      const uploading = Array.from({ length: CONCURRENT_UPLOADS }, () =>
        uploadNext().catch((error: unknown) => failed.abort(error)),
      );
      await Promise.all(uploading);
      if (signal.aborted) throw signal.reason;
    }
    progress.end();
    return ids;
  } catch (error) {
    progress.stop();
    throw error;
  } finally {
    session.signal.removeEventListener('abort', stop);
  }
}

async function createUploads(
  session: Session,
  files: readonly LocalFile[],
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly url: string; readonly file: LocalFile }[]> {
  const input: { path: string; sizeBytes: number; sha256: string }[] = [];
  for (const { source, path, sizeBytes } of files)
    input.push({ path, sizeBytes, sha256: await onDisk(source, () => digestFile(source, signal)) });
  const { data, errors } = await session.client.request(CreateUploads, { input }, { signal });
  const { uploads } = required(data.createUploads, errors, 'The uploads');
  return uploads.map(({ id, url }, position) => ({ id, url, file: files[position] as LocalFile }));
}

/** @throws FILE_CHANGED when the file is not what it was when the submission began */
async function uploadFile(session: Session, file: LocalFile, url: string, signal: AbortSignal): Promise<void> {
  const changed = () => new SciclomaticError('FILE_CHANGED', `${file.source} changed while it was submitted`);
  const isSame = async () => {
    const now = await stat(file.source).catch(() => undefined);
    return now?.size === file.sizeBytes && now.mtimeMs === file.modifiedMs;
  };
  if (!(await isSame())) throw changed();
  try {
    await session.client.upload(url, await onDisk(file.source, () => openAsBlob(file.source)), { signal });
  } catch (error) {
    if (!signal.aborted && !(await isSame())) throw changed();
    throw error;
  }
  if (!(await isSame())) throw changed();
}

async function digestFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path, { signal })) hash.update(bytes as Buffer);
  return hash.digest('hex');
}
