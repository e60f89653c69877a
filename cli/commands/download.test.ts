import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../clients/typescript/client.js';
import { createTemporaryDir, type TemporaryDir } from '../../test/temporary-dir.js';
import { Output } from '../output.js';
import type { Session } from '../session.js';
import { download } from './download.js';

const CONTENT = Buffer.from('0123456789'.repeat(20_000));
const sha256 = createHash('sha256').update(CONTENT).digest('hex');

/** Keeps what is told. */
class KeptOutput extends Output {
  readonly values: unknown[] = [];
  override result(value: unknown): void {
    this.values.push(value);
  }
  override remark(): void {
    // Not looked at.
  }
}

describe('sc download', () => {
  let dir: TemporaryDir;
  let server: Server;
  let url: string;
  /** Path and Range of each request for bytes. */
  let asked: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    dir = await createTemporaryDir();
    asked = [];
    answer = answerWhole;
    server = createServer((request, response) => {
      asked.push([request.url, request.headers.range].filter(Boolean).join(' '));
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await dir.remove();
  });

  const openSession = (paths: readonly string[]) => {
    const nodes = paths.map((path) => ({
      path,
      sizeBytes: CONTENT.length,
      checksums: [{ algorithm: 'sha256', value: sha256, origin: 'SOURCE' }],
      downloads: [{ protocol: 'SOURCE', url: `${url}/${path}` }],
    }));
    const files = { nodes, pageInfo: { hasNextPage: false, endCursor: null } };
    const answerGraphQL = () => Promise.resolve(Response.json({ data: { dataset: { files } } }));
    const output = new KeptOutput(true);
    const client = createClient({ url: `${url}/graphql`, fetch: answerGraphQL, retries: 0 });
    const session: Session = { client, output, server: url, signal: new AbortController().signal };
    return { session, output };
  };
  const out = (...parts: string[]) => join(dir.path, 'out', ...parts);
  const run = async (paths: readonly string[], options: { force?: boolean } = {}) => {
    const { session, output } = openSession(paths);
    const ended = await download(session, 'shelf:one', [], { out: out(), ...options }).catch((error: unknown) => error);
    return { ended, result: output.values[0] };
  };

  it('keeps what was cut off, and asks for the rest of it only', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 70_000), () => response.destroy());
    };
    expect((await run(['a.bin'])).ended).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: new URL(url).host });
    const [partial = '', ...more] = await readdir(out());
    expect([partial.endsWith('.partial'), more]).toEqual([true, []]);
    const keptBytes = (await readFile(out(partial))).length;
    expect(keptBytes).toBeGreaterThan(0);

    answer = answerRange;
    expect(await run(['a.bin'])).toMatchObject({ ended: undefined, result: { files: [{ verifiedBy: 'sha256' }] } });
    expect(asked.slice(1)).toEqual([`/a.bin bytes=${keptBytes}-`]);
    expect((await readFile(out('a.bin'))).equals(CONTENT)).toBe(true);
    expect(await readdir(out())).toEqual(['a.bin']);
  });

  it('begins anew when what was kept is no beginning of the file, or the server does not go on', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    };
    for (const next of [answerRange, answerWhole]) {
      const first = answer;
      await run(['a.bin']);
      const [partial = ''] = (await readdir(out())).filter((name) => name.endsWith('.partial'));
      if (next === answerRange) await writeFile(out(partial), 'something else');
      answer = next;
      expect((await run(['a.bin'], { force: true })).ended).toBeUndefined();
      expect((await readFile(out('a.bin'))).equals(CONTENT)).toBe(true);
      await writeFile(out('a.bin'), '');
      answer = first;
      await run(['a.bin'], { force: true });
    }
  });

  it('keeps files that verify, and replaces others only when told', async () => {
    await mkdir(out(), { recursive: true });
    await writeFile(out('same.bin'), CONTENT);
    await writeFile(out('changed.bin'), 'mine');
    expect((await run(['changed.bin', 'new.bin', 'same.bin'])).ended).toMatchObject({ code: 'CONFLICT' });
    expect(asked).toEqual([]);
    expect(await readFile(out('changed.bin'), 'utf8')).toBe('mine');

    const { result } = await run(['changed.bin', 'new.bin', 'same.bin'], { force: true });
    expect(asked.sort()).toEqual(['/changed.bin', '/new.bin']);
    expect(result).toMatchObject({ files: [{ kept: false }, { kept: false }, { path: 'same.bin', kept: true }] });
    expect((await readFile(out('changed.bin'))).equals(CONTENT)).toBe(true);
  });

  it('fetches the others when one fails, and fails in the end', async () => {
    answer = (request, response) =>
      request.url === '/b.bin' ? response.end(CONTENT.map((byte) => byte ^ 1)) : answerWhole(request, response);
    const { ended, result } = await run(['a.bin', 'b.bin', 'c.bin']);
    expect(ended).toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(result).toMatchObject({
      files: [{ path: 'a.bin' }, { path: 'c.bin' }],
      failures: [{ path: 'b.bin', error: { code: 'CHECKSUM_MISMATCH' } }],
    });
    expect((await readdir(out())).sort()).toEqual(['a.bin', 'c.bin']);
  });

  it('says which path of this machine is in the way', async () => {
    await mkdir(out('a.bin'), { recursive: true });
    expect((await run(['a.bin'])).ended).toMatchObject({ code: 'BAD_INPUT' });
    await writeFile(out('b'), '');
    expect((await run(['b/c.bin'])).ended).toMatchObject({ code: 'BAD_INPUT' });
  });
});

function answerWhole(_request: IncomingMessage, response: ServerResponse): void {
  response.end(CONTENT);
}

function answerRange({ headers: { range = 'bytes=0-' } }: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
  response.writeHead(206, { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` });
  response.end(CONTENT.subarray(start));
}
