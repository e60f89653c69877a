import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { followSignal } from './follow-signal.js';

describe('followSignal', () => {
  it('aborts with the other signal and for its reason, also when that was before', () => {
    const parent = new AbortController();
    const following = followSignal(parent.signal);
    expect(following.signal.aborted).toBe(false);
    parent.abort('gone');
    expect(following.signal).toMatchObject({ aborted: true, reason: 'gone' });
    expect(followSignal(parent.signal).signal).toMatchObject({ aborted: true, reason: 'gone' });
  });

  it('aborts alone, and leaves nothing with the other signal once released', () => {
    const parent = new AbortController();
    const following = followSignal(parent.signal);
    following.abort('enough');
    expect(following.signal).toMatchObject({ aborted: true, reason: 'enough' });
    expect(parent.signal.aborted).toBe(false);
    following.release();
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
  });
});
