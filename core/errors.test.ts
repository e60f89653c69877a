import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ERRORS, type ErrorCode, isErrorCode, SciclomaticError } from './errors.js';

const failure = (fields: object) => Object.assign(new Error('it failed'), fields);

describe('the table', () => {
  it.each(Object.entries(ERRORS))(
    '%s says what happened and what to do',
    (code, { meaning, callerShould, ...rest }) => {
      expect(code).toMatch(/^[A-Z][A-Z_]*[A-Z]$/);
      for (const sentence of [meaning, callerShould]) expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(rest.httpStatus).toBeGreaterThanOrEqual(400);
      expect(rest.httpStatus).toBeLessThan(600);
      expect(rest.grpcStatus).toBeGreaterThanOrEqual(1);
      expect(rest.grpcStatus).toBeLessThanOrEqual(16);
    },
  );

  it('calls retryable what may go away by itself', () => {
    const retryable = Object.keys(ERRORS).filter((code) => ERRORS[code as ErrorCode].retryable);
    expect(retryable.sort()).toEqual([
      'CHECKSUM_MISMATCH',
      'DEADLINE_EXCEEDED',
      'FILE_CHANGED',
      'NOT_READY',
      'RATE_LIMITED',
      'SOURCE_UNAVAILABLE',
      'STORAGE_FULL',
    ]);
    for (const code of retryable) expect(new SciclomaticError(code as ErrorCode, 'x').retryable).toBe(true);
    expect(new SciclomaticError('BAD_INPUT', 'x').retryable).toBe(false);
  });

  it('knows its own codes only', () => {
    for (const code of Object.keys(ERRORS)) expect(isErrorCode(code)).toBe(true);
    for (const other of ['', 'toString', 'constructor', 'bad_input', 1, null, undefined, {}])
      expect(isErrorCode(other)).toBe(false);
  });
});

describe('SciclomaticError', () => {
  it('carries code, source, cause, status and time to wait', () => {
    const cause = new Error('why');
    const error = new SciclomaticError('RATE_LIMITED', 'slow down', { cause, source: 'zenodo', retryAfterMs: 5 });
    expect(error).toMatchObject({ name: 'SciclomaticError', code: 'RATE_LIMITED', message: 'slow down', cause });
    expect(error).toMatchObject({ source: 'zenodo', retryAfterMs: 5, httpStatus: 429, retryable: true });
    expect(error).toBeInstanceOf(Error);
    expect('cause' in new SciclomaticError('INTERNAL', 'x')).toBe(false);
  });
});

describe('SciclomaticError.from', () => {
  it.each<[object, ErrorCode]>([
    [{ code: 'ENOSPC' }, 'STORAGE_FULL'],
    [{ code: 'EDQUOT' }, 'STORAGE_FULL'],
    [{ code: 'ECONNREFUSED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ECONNRESET' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ECONNABORTED' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'EPIPE' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ENOTFOUND' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'EAI_AGAIN' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'EHOSTUNREACH' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ENETUNREACH' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'ETIMEDOUT' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'UND_ERR_SOCKET' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, 'SOURCE_UNAVAILABLE'],
    [{ code: 'UND_ERR_HEADERS_TIMEOUT' }, 'DEADLINE_EXCEEDED'],
    [{ code: 'UND_ERR_BODY_TIMEOUT' }, 'DEADLINE_EXCEEDED'],
    [{ name: 'TimeoutError' }, 'DEADLINE_EXCEEDED'],
    [{ name: 'AbortError' }, 'CANCELLED'],
    [{ name: 'AbortError', code: 'ABORT_ERR' }, 'CANCELLED'],
    [{ name: 'TypeError', cause: failure({ code: 'ECONNREFUSED' }) }, 'SOURCE_UNAVAILABLE'],
    [
      { name: 'TypeError', cause: failure({ name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' }) },
      'DEADLINE_EXCEEDED',
    ],
  ])('knows %j', (fields, code) => {
    const thrown = failure(fields);
    const error = SciclomaticError.from(thrown, 'DATA_CORRUPT', { source: 'disk' });
    const message = code === 'STORAGE_FULL' ? 'No space is left on the disk' : 'it failed';
    expect(error).toMatchObject({ code, message, source: 'disk' });
    expect(error.cause).toBe(thrown);
  });

  it('tells a caller nothing of a fault of ours', () => {
    expect(SciclomaticError.from(new Error('/secret/path is odd')).publicMessage).toBe(
      'Internal error; the server’s log has the cause',
    );
    expect(new SciclomaticError('NOT_FOUND', 'No such dataset').publicMessage).toBe('No such dataset');
  });

  it('knows what the platform itself throws', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const refused = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error);
    expect(SciclomaticError.from(refused).code).toBe('SOURCE_UNAVAILABLE');
    const ended = await fetch('http://127.0.0.1/', { signal: AbortSignal.abort() }).catch((error: unknown) => error);
    expect(SciclomaticError.from(ended).code).toBe('CANCELLED');
  });

  it.each([
    failure({ code: 'EACCES' }),
    failure({ code: 42 }),
    failure({}),
    failure({ name: 'TypeError', cause: 'x' }),
  ])('gives what it does not know the code of the place', (thrown) => {
    expect(SciclomaticError.from(thrown)).toMatchObject({ code: 'INTERNAL', message: 'it failed' });
    expect(SciclomaticError.from(thrown, 'DATA_CORRUPT').code).toBe('DATA_CORRUPT');
  });

  it.each(['text', 7, null, undefined, {}])('takes %j, which is no Error', (thrown) => {
    expect(SciclomaticError.from(thrown)).toMatchObject({ code: 'INTERNAL', message: String(thrown) });
  });

  it('leaves one of ours as it is', () => {
    const error = new SciclomaticError('NOT_FOUND', 'x');
    expect(SciclomaticError.from(error, 'INTERNAL', { source: 'other' })).toBe(error);
    expect(error.source).toBeUndefined();
  });
});
