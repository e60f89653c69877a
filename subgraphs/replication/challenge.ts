import type { Call } from '../../core/call.js';
import { keyedBlake3 } from '../../core/node-hashes.js';
import { type ChallengeAnswer, ChallengeOutcome } from '../../proto/gen/sciclomatic/storage/v1/audit.js';
import type { Random } from './chunk-sample.js';
import { describeSilence, HASH_BYTES, MAX_CHALLENGE_CHUNKS, type StoragePeer } from './storage-peer.js';

export type ChunkVerdict = 'RIGHT' | 'WRONG' | 'DAMAGED' | 'MISSING';

/** How one peer answered: a verdict for each chunk that it was challenged for, or nothing at all. */
export type ChallengeVerdicts =
  | { readonly kind: 'SILENT'; readonly problem: string }
  | { readonly kind: 'ANSWERED'; readonly verdicts: ReadonlyMap<number, ChunkVerdict> };

export interface ChallengedPeer {
  readonly peer: StoragePeer;
  /** Positions in `chunkIds` of the chunks that it says it holds and is now asked to prove. */
  readonly positions: readonly number[];
}

export interface ChallengeInput {
  readonly chunkIds: readonly Uint8Array[];
  readonly holders: readonly ChallengedPeer[];
  /** 32 bytes that no peer can foresee. */
  readonly createNonce: () => Uint8Array;
  readonly random: Random;
}

/** A hash that a peer gave, and where the bytes to check it may be read. */
interface Claim {
  readonly peer: StoragePeer;
  readonly position: number;
  readonly nonce: Uint8Array;
  readonly keyedHash: Uint8Array;
  /** Other peers that claim the chunk first, the peer itself last. */
  sources: StoragePeer[];
}

/**
 * Challenges every holder with a nonce of its own and checks the answers against bytes that this auditor reads itself:
 * from another holder when one shows them, else from the challenged peer; in both cases the bytes count only when they
 * hash to the chunk's id. A peer that cannot show a chunk that it says it holds is answered WRONG for it.
 *
 * Each chunk is read at most from two peers however many are challenged, and held in memory one at a time.
 */
export async function challengePeers(input: ChallengeInput, call: Call): Promise<Map<string, ChallengeVerdicts>> {
  const silent = new Map<string, string>();
  const verdicts = new Map<string, Map<number, ChunkVerdict>>(input.holders.map(({ peer }) => [peer.id, new Map()]));
  const judge: Judge = (peer, position, verdict) => {
    const known = verdicts.get(peer.id);
    // What a peer once failed to show, it cannot make good within the same audit.
    if (known?.get(position) !== 'WRONG') known?.set(position, verdict);
  };
  const claims: Claim[] = [];
  await Promise.all(
    input.holders.map(async (holder) => {
      try {
        claims.push(...(await challengeOne(input, holder, judge, call)));
      } catch (error) {
        silent.set(holder.peer.id, describeSilence(error));
      }
    }),
  );
  orderSources(claims, shuffle(input.holders, input.random));
  await checkClaims(input, claims, silent, judge, call);
  return new Map(
    input.holders.map(({ peer }): [string, ChallengeVerdicts] => {
      const problem = silent.get(peer.id);
      return [
        peer.id,
        problem === undefined
          ? { kind: 'ANSWERED', verdicts: verdicts.get(peer.id) ?? new Map() }
          : { kind: 'SILENT', problem },
      ];
    }),
  );
}

/** Challenges one peer, judges what needs no bytes, and returns the hashes that do. */
async function challengeOne(
  input: ChallengeInput,
  { peer, positions }: ChallengedPeer,
  judge: Judge,
  call: Call,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (let from = 0; from < positions.length; from += MAX_CHALLENGE_CHUNKS) {
    const asked = positions.slice(from, from + MAX_CHALLENGE_CHUNKS);
    const nonce = input.createNonce();
    const chunkIds = asked.map((position) => chunkAt(input, position));
    const answers = await peer.challenge(nonce, chunkIds, call);
    for (const [index, position] of asked.entries()) {
      const verdict = readVerdict(answers[index]);
      if (typeof verdict === 'string') judge(peer, position, verdict);
      else claims.push({ peer, position, nonce, keyedHash: verdict, sources: [] });
    }
  }
  return claims;
}

/** Gives every claim its sources, in one order for all, so that the same chunk is read from as few peers as can be. */
function orderSources(claims: readonly Claim[], order: readonly ChallengedPeer[]): void {
  const places = new Map(order.map(({ peer }, place) => [peer.id, place]));
  const byPosition = new Map<number, StoragePeer[]>();
  for (const { peer, position } of claims) group(byPosition, position, (): StoragePeer[] => []).push(peer);
  for (const claimants of byPosition.values()) {
    claimants.sort((left, right) => (places.get(left.id) ?? 0) - (places.get(right.id) ?? 0));
  }
  for (const claim of claims) {
    const others = (byPosition.get(claim.position) ?? []).filter(({ id }) => id !== claim.peer.id);
    claim.sources = [...others, claim.peer];
  }
}

type Judge = (peer: StoragePeer, position: number, verdict: ChunkVerdict) => void;

/** Reads the bytes behind every claim, from each claim's next source until one shows them. */
async function checkClaims(
  input: ChallengeInput,
  claims: readonly Claim[],
  silent: Map<string, string>,
  judge: Judge,
  call: Call,
): Promise<void> {
  let open = [...claims];
  while (open.length > 0) {
    const bySource = new Map<StoragePeer, Map<number, Claim[]>>();
    for (const claim of open) {
      while (claim.sources[0] && silent.has(claim.sources[0].id)) claim.sources.shift();
      const source = claim.sources[0];
      // A silent peer is told as silent; one that answers and cannot show what it claims has claimed wrongly.
      if (source === undefined) judge(claim.peer, claim.position, 'WRONG');
      else
        group(
          group(bySource, source, () => new Map<number, Claim[]>()),
          claim.position,
          (): Claim[] => [],
        ).push(claim);
    }
    const failed = await Promise.all(
      [...bySource].map(([source, wanted]) => checkAgainst(input, source, wanted, silent, judge, call)),
    );
    open = failed.flat();
    for (const claim of open) claim.sources.shift();
  }
}

/** Checks claims against the bytes of one source; returns those whose bytes it did not show. */
async function checkAgainst(
  input: ChallengeInput,
  source: StoragePeer,
  wanted: ReadonlyMap<number, readonly Claim[]>,
  silent: Map<string, string>,
  judge: Judge,
  call: Call,
): Promise<Claim[]> {
  const failed: Claim[] = [];
  let positions = [...wanted.keys()].sort((left, right) => left - right);
  while (positions.length > 0) {
    let shown = 0;
    try {
      const chunkIds = positions.map((position) => chunkAt(input, position));
      for await (const bytes of source.readChunks(chunkIds, call)) {
        const position = positions[shown] ?? -1;
        for (const { peer, nonce, keyedHash } of wanted.get(position) ?? []) {
          judge(peer, position, Buffer.compare(keyedBlake3(nonce, bytes), keyedHash) === 0 ? 'RIGHT' : 'WRONG');
        }
        shown += 1;
      }
    } catch (error) {
      silent.set(source.id, describeSilence(error));
      return [...failed, ...positions.slice(shown).flatMap((position) => wanted.get(position) ?? [])];
    }
    // It stopped before the end: the chunk at which it did is one that it cannot show; those after it it may.
    const refused = positions[shown];
    if (refused !== undefined) {
      judge(source, refused, 'WRONG');
      failed.push(...(wanted.get(refused) ?? []));
    }
    positions = positions.slice(shown + 1);
  }
  return failed;
}

/** The hash that a peer gives, or what its answer means without one. */
function readVerdict(answer: ChallengeAnswer | undefined): ChunkVerdict | Uint8Array {
  switch (answer?.outcome) {
    case ChallengeOutcome.CHALLENGE_OUTCOME_HELD:
      return answer.keyedHash.length === HASH_BYTES ? answer.keyedHash : 'WRONG';
    case ChallengeOutcome.CHALLENGE_OUTCOME_MISSING:
      return 'MISSING';
    case ChallengeOutcome.CHALLENGE_OUTCOME_DAMAGED:
      return 'DAMAGED';
    case ChallengeOutcome.CHALLENGE_OUTCOME_UNSPECIFIED:
    case ChallengeOutcome.UNRECOGNIZED:
    case undefined:
      return 'WRONG';
  }
}

function chunkAt({ chunkIds }: ChallengeInput, position: number): Uint8Array {
  const id = chunkIds[position];
  if (id === undefined) throw new RangeError(`No chunk at position ${position}`);
  return id;
}

function group<Key, Value>(groups: Map<Key, Value>, key: Key, create: () => Value): Value {
  const existing = groups.get(key);
  if (existing !== undefined) return existing;
  const created = create();
  groups.set(key, created);
  return created;
}

/** Fisher-Yates; a new order each time, so that no peer is always the one that others are compared with. */
function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [left, right] = [shuffled[last], shuffled[other]];
    if (left !== undefined && right !== undefined) [shuffled[last], shuffled[other]] = [right, left];
  }
  return shuffled;
}
