import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  createDatasetId,
  createFileId,
  type DatasetId,
  MAX_ID_LENGTH,
  parseAdapterId,
  parseChunkId,
  parseDatasetId,
  parseInstitutionId,
  parseManifestHash,
  parseRepositoryId,
  splitDatasetId,
  splitFileId,
} from './ids.js';

const MALFORMED = expect.objectContaining({ code: 'MALFORMED_ID' });

/** Names of repositories: 1 to 64 characters, letters or digits at both ends. */
const names = fc.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$/);
/** Local ids and paths of every script, with the characters that have a meaning in ids more often than chance has it. */
const parts = fc
  .array(fc.oneof(fc.constantFrom('%', '#', ':', '/', '23', '25', ' '), fc.string({ unit: 'grapheme' })), {
    maxLength: 12,
  })
  .map((pieces) => pieces.join(''))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
  .filter((part) => part !== '' && !/[\u0000-\u001f\u007f]/.test(part));

describe('dataset and file ids', () => {
  it('give back what they were made of, whatever it holds', () => {
    fc.assert(
      fc.property(names, parts, parts, (name, localId, path) => {
        const repository = parseRepositoryId(name);
        const dataset = createDatasetId(repository, localId);
        const file = createFileId(dataset, path);
        expect(splitDatasetId(dataset)).toEqual({ repository, localId });
        expect(parseDatasetId(dataset)).toBe(dataset);
        expect(splitFileId(file)).toEqual({ dataset, path });
        expect(decodeURIComponent(encodeURIComponent(file))).toBe(file);
      }),
    );
  });

  it('differ where what they are made of differs', () => {
    fc.assert(
      fc.property(parts, parts, parts, parts, (one, path, other, otherPath) => {
        const ids = [
          createFileId(createDatasetId(zenodo, one), path),
          createFileId(createDatasetId(zenodo, other), otherPath),
        ];
        expect(ids[0] === ids[1]).toBe(one === other && path === otherPath);
      }),
    );
  });

  it('have one spelling: what parses is what would be made', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', ':', '#', '%', '%23', '%25', '2', '3', '/')), (pieces) => {
        const text = `zenodo:${pieces.join('')}`;
        try {
          const { dataset, path } = splitFileId(text);
          expect(createFileId(dataset, path)).toBe(text);
        } catch (error) {
          expect(error).toEqual(MALFORMED);
        }
      }),
    );
  });

  const zenodo = parseRepositoryId('zenodo');

  it.each([
    ['nothing', ''],
    ['no colon', 'zenodo'],
    ['no repository', ':1'],
    ['no local id', 'zenodo:'],
    ['upper case', 'Zenodo:1'],
    ['a space in the repository', 'ze nodo:1'],
    ['a repository that begins with a dot', '.zenodo:1'],
    ['a repository that ends in a hyphen', 'zenodo-:1'],
    ['a repository of 65 characters', `${'a'.repeat(65)}:1`],
    ['a file', 'zenodo:1#data.csv'],
    ['a bare percent sign', 'zenodo:100%'],
    ['another percent-encoding', 'zenodo:a%20b'],
    ['a NUL', 'zenodo:a\0b'],
    ['a line break', 'zenodo:a\nb'],
    ['DEL', 'zenodo:a\u007f'],
    ['half a surrogate pair', 'zenodo:a\ud800'],
    ['too many characters', `zenodo:${'x'.repeat(MAX_ID_LENGTH)}`],
  ])('a dataset id with %s is malformed', (_what, text) => {
    expect(() => parseDatasetId(text)).toThrow(MALFORMED);
    expect(() => splitFileId(`${text}#x`)).toThrow(MALFORMED);
  });

  it.each([
    ['no hash', 'zenodo:1'],
    ['no path', 'zenodo:1#'],
    ['two hashes', 'zenodo:1#a#b'],
    ['a bare percent sign', 'zenodo:1#100%'],
    ['another percent-encoding', 'zenodo:1#a%2Fb'],
    ['a NUL', 'zenodo:1#a\0'],
    ['half a surrogate pair', 'zenodo:1#\udc00'],
    ['no dataset', '#a'],
    ['too many characters', `zenodo:1#${'x'.repeat(MAX_ID_LENGTH)}`],
  ])('a file id with %s is malformed', (_what, text) => {
    expect(() => splitFileId(text)).toThrow(MALFORMED);
  });

  it('are not made of what would be malformed', () => {
    const dataset = 'zenodo:1' as DatasetId;
    // Within the limit before its encoding, over it afterwards.
    const long = '%'.repeat(MAX_ID_LENGTH / 2);
    for (const part of ['', 'a\0', '\ud800', long]) {
      expect(() => createDatasetId(zenodo, part)).toThrow(MALFORMED);
      expect(() => createFileId(dataset, part)).toThrow(MALFORMED);
    }
  });

  it('are shortened in messages', () => {
    expect(() => parseDatasetId('x'.repeat(100_000))).toThrow(/^.{1,200}$/);
  });
});

describe('names and hashes', () => {
  it.each([parseRepositoryId, parseInstitutionId, parseAdapterId])('%p takes names only', (parse) => {
    for (const name of ['a', '0', 'aws.open-data', 'a'.repeat(64)]) expect(parse(name)).toBe(name);
    for (const name of ['', 'A', 'a_b', '-a', 'a.', 'ä', 'a\n', 'a/b', 'a'.repeat(65)])
      expect(() => parse(name)).toThrow(MALFORMED);
  });

  it.each([parseChunkId, parseManifestHash])('%p takes 64 lower-case hex digits only', (parse) => {
    const hash = '0123456789abcdef'.repeat(4);
    expect(parse(hash)).toBe(hash);
    for (const text of ['', hash.slice(1), `${hash}0`, hash.toUpperCase(), `${hash.slice(1)}g`, `${hash}\n`])
      expect(() => parse(text)).toThrow(MALFORMED);
  });
});
