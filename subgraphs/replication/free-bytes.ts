import type { Call } from '../../core/call.js';
import type { RoundSilence } from './observe-page.js';
import type { StoragePeer } from './storage-peer.js';

/** Bytes that each peer may still write, by peer id; those that know no limit, or do not say, are left out. */
export async function readFreeBytes(
  peers: readonly StoragePeer[],
  silence: RoundSilence,
  call: Call,
): Promise<Map<string, number>> {
  const asked = peers.filter(({ id }) => silence.read(id) === undefined);
  const answers = await Promise.all(
    asked.map(async (peer): Promise<[string, number][]> => {
      // Who does not say it is asked like one that has room; the audit itself notes silence.
      const freeBytes = await peer.readFreeBytes(call).catch(() => null);
      return freeBytes === null ? [] : [[peer.id, freeBytes]];
    }),
  );
  return new Map(answers.flat());
}
