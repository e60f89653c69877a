import { describe, expect, it } from '@jest/globals';
import { SciclomaticError } from '../../core/errors.js';
import { createRecordProblem } from './record-problem.js';

describe('createRecordProblem', () => {
  it('tells what is wrong with one record', () => {
    const error = new SciclomaticError('SOURCE_INVALID_ANSWER', 'no title');
    expect(createRecordProblem('a', error)).toEqual({ localId: 'a', message: 'no title' });
  });

  it.each([new TypeError('a fault of ours'), new SciclomaticError('SOURCE_UNAVAILABLE', 'gone')])(
    'does not hide %s',
    (error) => {
      expect(() => createRecordProblem('a', error)).toThrow(error);
    },
  );
});
