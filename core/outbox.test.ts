import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { silentLogger as log } from './log.js';
import { printMetrics } from './metrics.js';
import { createOutbox, type Outbox } from './outbox.js';

const item = (text: string | number): Uint8Array => Buffer.from(String(text));
const readTexts = (items: readonly Uint8Array[]): string[] => items.map((one) => Buffer.from(one).toString());
/** Long enough that nothing is delivered that nobody asked for. */
const NEVER_MS = 1_000_000;

let dir = '';
const opened: Outbox[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'outbox-'));
});
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close();
  await rm(dir, { recursive: true });
});

function openOutbox(deliver: (items: readonly Uint8Array[]) => Promise<void>, path = join(dir, 'box')): Outbox {
  const outbox = createOutbox({ dir: path, log, deliver, intervalMs: NEVER_MS });
  opened.push(outbox);
  return outbox;
}

/** The other side: down until it is not. */
function createReceiver() {
  const received: string[] = [];
  const receiver = {
    received,
    isUp: true,
    deliver: async (items: readonly Uint8Array[]) => {
      if (!receiver.isUp) throw new Error('down');
      received.push(...readTexts(items));
    },
  };
  return receiver;
}

describe('createOutbox', () => {
  it('delivers in order, once when nothing fails, and forgets what it delivered', async () => {
    const receiver = createReceiver();
    const outbox = openOutbox(receiver.deliver);
    const texts = Array.from({ length: 600 }, (_, index) => String(index));
    await Promise.all(texts.map((text) => outbox.add(item(text))));
    await outbox.flush();
    expect(receiver.received).toEqual(texts);
    expect(outbox.readCount()).toBe(0);
  });

  it('keeps what cannot be delivered, through failures and restarts, and delivers it in order', async () => {
    const plan = fc.array(fc.constantFrom('add', 'add', 'add', 'fail', 'work', 'restart'), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const path = await mkdtemp(join(dir, 'plan-'));
        const receiver = createReceiver();
        let outbox = openOutbox(receiver.deliver, path);
        const added: string[] = [];
        for (const step of steps) {
          if (step === 'add') {
            added.push(String(added.length));
            await outbox.add(item(added.length - 1));
          } else if (step === 'restart') {
            await outbox.close();
            outbox = openOutbox(receiver.deliver, path);
          } else receiver.isUp = step === 'work';
        }
        receiver.isUp = true;
        await outbox.flush();
        expect(receiver.received).toEqual(added);
        expect(outbox.readCount()).toBe(0);
        await outbox.close();
      }),
      { numRuns: 25 },
    );
  });

  it('delivers again what was delivered but not yet removed when the process ended', async () => {
    const received: string[] = [];
    let fails = true;
    const outbox = openOutbox(async (items) => {
      received.push(...readTexts(items));
      // The receiver has it; what ended the process came before the outbox could know.
      if (fails) throw new Error('cut');
    });
    await outbox.add(item('a'));
    await outbox.add(item('b'));
    await outbox.flush();
    expect(outbox.readCount()).toBe(2);
    await outbox.close();
    fails = false;
    const before = received.length;
    const reopened = openOutbox(async (items) => void received.push(...readTexts(items)));
    await reopened.flush();
    expect(before).toBeGreaterThan(0);
    expect(received.slice(before)).toEqual(['a', 'b']);
  });

  it('waits for a delivery under way when it closes, and gives it no second one', async () => {
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const received: string[] = [];
    let begun: () => void = () => undefined;
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const outbox = openOutbox(async (items) => {
      begun();
      await finished;
      received.push(...readTexts(items));
    });
    await outbox.add(item('a'));
    await began;
    const closing = Promise.all([outbox.close(), outbox.close()]);
    finish();
    await closing;
    const again = openOutbox(async (items) => void received.push(...readTexts(items)));
    await again.flush();
    expect(received).toEqual(['a']);
  });

  it('keeps items added while others are delivered', async () => {
    const receiver = createReceiver();
    let added: Promise<void> | undefined;
    const outbox: Outbox = openOutbox(async (items) => {
      added ??= outbox.add(item('late'));
      await added;
      await receiver.deliver(items);
    });
    await outbox.add(item('first'));
    await outbox.flush();
    await outbox.flush();
    expect(receiver.received).toEqual(['first', 'late']);
  });

  it('hands over copies: what a receiver does to an item harms nobody', async () => {
    const seen: string[] = [];
    let tries = 0;
    const outbox = openOutbox(async (items) => {
      tries += 1;
      seen.push(...readTexts(items));
      for (const one of items) one.fill(0);
      if (tries === 1) throw new Error('down');
    });
    await outbox.add(item('a'));
    await outbox.flush();
    await outbox.flush();
    expect(new Set(seen)).toEqual(new Set(['a']));
  });

  it('tells its backlog as long as it is open', async () => {
    const outbox = openOutbox(() => Promise.reject(new Error('down')), join(dir, 'replication'));
    await outbox.add(item('a'));
    await outbox.add(item('b'));
    expect(await printMetrics()).toMatch(/^sc_outbox_items\{outbox="replication"\} 2$/m);
    await outbox.close();
    expect(await printMetrics()).not.toContain('outbox="replication"');
  });
});
