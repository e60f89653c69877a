import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { environmentName, parseConfig, printConfig, readEnvironment, secret } from './config.js';
import type { SciclomaticError } from './errors.js';

const schema = z.object({
  dataDir: z.string().default('data'),
  port: z.number().int().min(0).max(65_535).default(4000),
  mirror: z.boolean().default(true),
  peers: z.array(z.object({ institution: z.string() })).default([]),
  token: secret().min(3).optional(),
});

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'config-'));
});
afterAll(() => rm(dir, { recursive: true }));

let fileCount = 0;
async function writeYaml(text: string): Promise<string> {
  fileCount += 1;
  const file = join(dir, `${fileCount}.yaml`);
  await writeFile(file, text);
  return file;
}

/** The message of CONFIG_INVALID; the test fails when there is no problem. */
function readProblems(sources: Parameters<typeof parseConfig>[1]): string {
  try {
    parseConfig(schema, sources);
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    return (error as SciclomaticError).message;
  }
  throw new Error('The configuration was accepted');
}

describe('parseConfig', () => {
  it('takes flags over environment over file over defaults', async () => {
    const file = await writeYaml('dataDir: from-file\nport: 1\nmirror: false\npeers: [{ institution: alpha }]');
    const environment = { SC_DATA_DIR: 'from-environment', SC_PORT: '2', HOME: '/root', SC_MIRROR: undefined };
    const flags = { dataDir: 'from-flag', port: undefined };
    expect(parseConfig(schema, { environment: {} })).toEqual({ dataDir: 'data', port: 4000, mirror: true, peers: [] });
    expect(parseConfig(schema, { environment, file, flags })).toEqual({
      dataDir: 'from-flag',
      port: 2,
      mirror: false,
      peers: [{ institution: 'alpha' }],
    });
  });

  it('is frozen to its depth', async () => {
    const file = await writeYaml('peers: [{ institution: alpha }]');
    const config = parseConfig(schema, { environment: {}, file });
    expect([config, config.peers, config.peers[0]].map(Object.isFrozen)).toEqual([true, true, true]);
  });

  it('takes what stands in the environment for what the setting is', () => {
    const environment = { SC_DATA_DIR: '2024', SC_PORT: '0', SC_MIRROR: 'false', SC_TOKEN: '123456' };
    expect(parseConfig(schema, { environment })).toMatchObject({
      dataDir: '2024',
      port: 0,
      mirror: false,
      token: '123456',
    });
    expect(readProblems({ environment: { SC_PORT: 'many', SC_MIRROR: 'no' } })).toMatch(/port: .*\n.*mirror: /);
  });

  it('names every problem at once, and the nearest setting of an unknown one', async () => {
    const file = await writeYaml('prot: 1\ntoString: x\nport: 70000\ntoken: abc');
    const message = readProblems({
      file,
      environment: { SC_DATADIR: 'x', SC_NOTHING_LIKE_IT: 'x', SC_DATA_DIR_FILE: '/x', SC_MIRROR: 'maybe' },
    });
    expect(message).toMatch(/^The configuration has 8 problem\(s\):/);
    expect(message).toMatch(/prot: unknown setting \(did you mean port\?\)/);
    expect(message).toMatch(/toString: unknown setting$/m);
    expect(message).toMatch(/^ {2}port: /m);
    expect(message).toMatch(/token: a secret; set SC_TOKEN or SC_TOKEN_FILE instead/);
    expect(message).toMatch(/SC_DATADIR: unknown setting \(did you mean SC_DATA_DIR\?\)/);
    expect(message).toMatch(/SC_NOTHING_LIKE_IT: unknown setting$/m);
    expect(message).toMatch(/SC_DATA_DIR_FILE: only secrets may come from a file/);
    expect(message).toMatch(/^ {2}mirror: /m);
  });

  it.each(['port: [', '- 1\n- 2', 'just words'])('refuses the file %j', async (text) => {
    const file = await writeYaml(text);
    expect(readProblems({ environment: {}, file })).toContain(file);
  });

  it('takes an empty file, and refuses one that is not there', async () => {
    expect(parseConfig(schema, { environment: {}, file: await writeYaml('# nothing') }).port).toBe(4000);
    expect(readProblems({ environment: {}, file: join(dir, 'absent.yaml') })).toContain('absent.yaml');
  });
});

describe('secrets', () => {
  it('come from the environment or a file that it names, not from both', async () => {
    const file = await writeYaml('s3cret\n');
    expect(parseConfig(schema, { environment: { SC_TOKEN_FILE: file } }).token).toBe('s3cret');
    expect(readProblems({ environment: { SC_TOKEN_FILE: join(dir, 'absent') } })).toMatch(/SC_TOKEN_FILE: .*ENOENT/);
    expect(readProblems({ environment: { SC_TOKEN_FILE: file, SC_TOKEN: 'other' } })).toMatch(/SC_TOKEN is set too/);
  });

  it('are hidden when printed, and in the message that refuses them', () => {
    const config = parseConfig(schema, { environment: { SC_TOKEN: 's3cret' } });
    expect(printConfig(schema, config)).toMatchObject({ token: '***', port: 4000 });
    expect(JSON.stringify(printConfig(schema, config))).not.toContain('s3cret');
    const strict = z.object({
      key: secret()
        .regex(/^[0-9]+$/)
        .default('0'),
    });
    try {
      parseConfig(strict, { environment: { SC_KEY: 's3cret' } });
      throw new Error('accepted');
    } catch (error) {
      expect((error as Error).message).toMatch(/key: /);
      expect((error as Error).message).not.toContain('s3cret');
    }
    expect(printConfig(strict, { key: '12' })).toEqual({ key: '***' });
  });
});

describe('environmentName', () => {
  it('is the setting in upper snake case under our prefix', () => {
    expect(environmentName('dataDir')).toBe('SC_DATA_DIR');
    expect(environmentName('port')).toBe('SC_PORT');
    expect(Object.keys(readEnvironment())).toContain('PATH');
  });
});
