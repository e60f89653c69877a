import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../clients/typescript/client.js';
import { createTemporaryDir, type TemporaryDir } from '../../test/temporary-dir.js';
import { Output } from '../output.js';
import type { Session } from '../session.js';
import { type SubmitOptions, submit } from './submit.js';

const SERVER = 'http://gateway.test';
const OPTIONS: SubmitOptions = { title: 'A file', creator: ['Lovelace, Ada'], subject: [], wait: false };

/** A gateway that takes uploads; `onUploads` runs once it was asked where to upload, `onPut` when bytes come. */
function createFakeSession(hooks: { onUploads?: () => Promise<void>; onPut?: () => Promise<Response> }) {
  const asked: string[] = [];
  const answer: typeof fetch = async (input, init) => {
    const { url } = new Request(input);
    if (url.startsWith(`${SERVER}/uploads/`)) {
      asked.push('PUT');
      return (await hooks.onPut?.()) ?? new Response(null, { status: 201 });
    }
    const { variables } = JSON.parse(String(init?.body)) as { variables: { input: unknown } };
    if (!Array.isArray(variables.input)) {
      asked.push('submitDataset');
      return Response.json({ data: { submitDataset: { dataset: { id: 'sc:1' }, job: { id: '1' } } } });
    }
    asked.push('createUploads');
    await hooks.onUploads?.();
    const uploads = variables.input.map((_file, index) => ({ id: `${index}`, url: `${SERVER}/uploads/${index}` }));
    return Response.json({ data: { createUploads: { uploads } } });
  };
  const client = createClient({ url: `${SERVER}/graphql`, fetch: answer, retries: 0 });
  const session: Session = { client, output: new Output(true), server: SERVER, signal: new AbortController().signal };
  return { session, asked };
}

describe('sc submit', () => {
  let dir: TemporaryDir;
  let file: string;
  beforeEach(async () => {
    dir = await createTemporaryDir();
    file = join(dir.path, 'data.csv');
    await writeFile(file, 'a,b\n1,2\n');
  });
  afterEach(() => dir.remove());

  it('gives up when a file changes before it is sent, and submits nothing', async () => {
    const { session, asked } = createFakeSession({ onUploads: () => writeFile(file, 'a,b\n1,2\n3,4\n') });
    await expect(submit(session, [file], OPTIONS)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect(asked).toEqual(['createUploads']);
  });

  it('gives up when a file changes while it is sent, whatever the server says of it', async () => {
    for (const response of [
      new Response(null, { status: 201 }),
      Response.json({ code: 'CHECKSUM_MISMATCH' }, { status: 502 }),
    ]) {
      await writeFile(file, 'a,b\n1,2\n');
      const { session, asked } = createFakeSession({
        onPut: async () => {
          await writeFile(file, 'something longer than before');
          return response;
        },
      });
      await expect(submit(session, [file], OPTIONS)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
      expect(asked).toEqual(['createUploads', 'PUT']);
    }
  });

  it('refuses what is no file, has no title, or would get one path twice, before anything is sent', async () => {
    const { session, asked } = createFakeSession({});
    const twin = join(dir.path, 'twin');
    await mkdir(twin);
    await writeFile(join(twin, 'data.csv'), 'other');
    for (const [paths, options] of [
      [[join(dir.path, 'absent')], OPTIONS],
      [[file, join(twin, 'data.csv')], OPTIONS],
      [[file], { creator: ['Lovelace, Ada'], subject: [], wait: false }],
      [[file], { ...OPTIONS, creator: [] }],
    ] as const) {
      await expect(submit(session, paths, options)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    expect(asked).toEqual([]);
  });
});
