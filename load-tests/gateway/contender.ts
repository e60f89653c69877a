import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/**
 * One gateway in a process of its own: `contender.ts ours|stock <supergraph file>`. Says where it listens, then answers
 * each message with the CPU time and the memory that it has taken so far.
 */
export interface ContenderReport {
  readonly url?: string;
  /** User and system time of the process, in microseconds. */
  readonly cpuMicros: number;
  readonly residentBytes: number;
}

// Each loads its own packages only, so that memory can be compared.
async function startOurs(supergraph: string): Promise<string> {
  const { createCallerTokenSigner } = await import('../../core/caller-token.js');
  const { silentLogger } = await import('../../core/log.js');
  const { createGateway } = await import('../../gateway/gateway.js');
  const signer = await createCallerTokenSigner({ privateKey: generateKeyPairSync('ed25519').privateKey });
  const gateway = await createGateway({ supergraph: { sdl: supergraph }, caller: { signer }, log: silentLogger });
  const { url } = await gateway.listen({ host: '127.0.0.1', port: 0 });
  return `${url}/graphql`;
}

/** As Apollo's own documentation sets it up: the stock data source, the stock server. */
async function startStock(supergraph: string): Promise<string> {
  const { ApolloGateway } = await import('@apollo/gateway');
  const { ApolloServer } = await import('@apollo/server');
  const { startStandaloneServer } = await import('@apollo/server/standalone');
  const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl: supergraph }) });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
  return url;
}

function report(url?: string): void {
  const { user, system } = process.cpuUsage();
  const sent: ContenderReport = {
    ...(url === undefined ? {} : { url }),
    cpuMicros: user + system,
    residentBytes: process.memoryUsage.rss(),
  };
  process.send?.(sent);
}

const [, , name, file] = process.argv;
const supergraph = await readFile(file ?? '', 'utf8');
const url = await (name === 'stock' ? startStock(supergraph) : startOurs(supergraph));
process.on('message', () => report());
process.on('disconnect', () => process.exit(0));
report(url);
