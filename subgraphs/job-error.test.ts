import { describe, expect, it } from '@jest/globals';
import { SciclomaticError } from '../core/errors.js';
import { createJobError } from './job-error.js';

describe('the error of a job', () => {
  it('names the source that failed, else the subgraph', () => {
    expect(createJobError(new SciclomaticError('NOT_FOUND', 'No dataset x', { source: 'shelf' }), 'storage')).toEqual({
      code: 'NOT_FOUND',
      message: 'No dataset x',
      source: 'shelf',
    });
    expect(createJobError(new SciclomaticError('STORAGE_FULL', 'No room'), 'storage').source).toBe('storage');
  });

  it('tells nobody what a fault of ours said', () => {
    const { code, message, source } = createJobError(new Error('EACCES: permission denied, /home/ada/spool'), 'search');
    expect({ code, source }).toEqual({ code: 'INTERNAL', source: 'search' });
    expect(message).not.toContain('/home/ada');
  });
});
