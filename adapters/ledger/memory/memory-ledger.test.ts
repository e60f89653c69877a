import { describe, expect, it } from '@jest/globals';
import { createSigningKey, nodeCrypto } from '../../../core/node-crypto.js';
import { createVerifierKey } from '../../../formats/tlog/signed-note.js';
import { runConformance } from '../../conformance.js';
import { type LedgerSubject, ledgerConformance } from '../conformance/ledger-conformance.js';
import { createMemoryLedger } from './memory-ledger.js';

const origin = 'observatory.example/log';

async function createSubject(): Promise<LedgerSubject> {
  const key = createSigningKey();
  const ledger = await createMemoryLedger({ origin, key });
  return {
    supports: ledger.supports,
    ledger,
    logKey: createVerifierKey(origin, key.publicKey, nodeCrypto),
    reopen: () => Promise.reject(new Error('it does not survive')),
    close: () => ledger.close(),
  };
}

describe('memory ledger', () => {
  it.each(ledgerConformance)('$name', async (one) => {
    const [outcome] = await runConformance([one], createSubject);
    expect(outcome?.reason).toBe(outcome?.state === 'SKIPPED' ? 'does not support persistent' : undefined);
  });
});
