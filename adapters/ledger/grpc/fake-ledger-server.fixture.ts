import { readFile } from 'node:fs/promises';
import { type GrpcServer, serverStreamHandler, startGrpcServer, unaryHandler } from '../../../core/grpc-server.js';
import { silentLogger } from '../../../core/log.js';
import { type LedgerServiceServer, LedgerServiceService } from '../../../proto/gen/sciclomatic/provenance/v1/ledger.js';
import type { Ledger } from '../contract.js';

/** LedgerService over any ledger, without checks, for tests. */
export async function startFakeLedgerServer(ledger: Ledger, port = 0): Promise<GrpcServer> {
  const implementation: LedgerServiceServer = {
    append: unaryHandler(silentLogger, async ({ entries }, call) => ({
      indexes: (await ledger.append(entries, call)).map(BigInt),
    })),
    readCheckpoint: unaryHandler(silentLogger, async (_request, call) => ({
      checkpoint: await ledger.readCheckpoint(call),
      verifierKey: 'a key',
    })),
    readEntries: serverStreamHandler(silentLogger, async function* ({ start, end }, call) {
      const last = end === 0n ? await ledger.readSize(call) : Number(end);
      const entries = await ledger.readEntries(Number(start), last, call);
      for (const [position, entry] of entries.entries()) yield { index: start + BigInt(position), entry };
    }),
  };
  const descriptors = await readFile(new URL('../../../proto/gen/descriptors.binpb', import.meta.url));
  const services = [{ definition: LedgerServiceService, implementation }];
  return startGrpcServer({ services, descriptors, host: '127.0.0.1', port, log: silentLogger });
}
