import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, type GraphQLSchema, parse } from 'graphql';
import { createInventingResolver } from './invent-data.js';

export const SUBGRAPHS = ['provenance', 'registry', 'replication', 'search', 'storage'] as const;

export interface RememberingSubgraphs {
  readonly subgraphs: readonly { readonly name: string; readonly url: string; readonly sdl: string }[];
  /** GraphQL requests answered since the start. */
  countRequests(): number;
  close(): Promise<void>;
}

/**
 * The five subgraphs with invented data behind one bare HTTP server. An answer is computed once for each body and remembered,
 * so that a subgraph costs no more than its HTTP, and what is measured is the gateway.
 */
export async function startRememberingSubgraphs(root: string): Promise<RememberingSubgraphs> {
  const sdls = await Promise.all(
    SUBGRAPHS.map(
      async (name) => [name, await readFile(join(root, 'subgraphs', name, 'schema.graphql'), 'utf8')] as const,
    ),
  );
  const schemas = new Map(sdls.map(([name, sdl]) => [`/${name}`, buildSubgraphSchema(parse(sdl))]));
  const remembered = new Map<string, Promise<Buffer>>();
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      requests++;
      const body = Buffer.concat(chunks).toString('utf8');
      const key = `${incoming.url ?? ''} ${body}`;
      const schema = schemas.get(incoming.url ?? '');
      if (!schema) return outgoing.writeHead(404).end();
      const answer = remembered.get(key) ?? answerBody(schema, body);
      remembered.set(key, answer);
      void answer.then((bytes) => {
        outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
      });
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    subgraphs: sdls.map(([name, sdl]) => ({ name, url: `http://127.0.0.1:${port}/${name}`, sdl })),
    countRequests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerBody(schema: GraphQLSchema, body: string): Promise<Buffer> {
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  const result = await execute({
    schema,
    document: parse(query),
    variableValues: variables ?? {},
    fieldResolver: createInventingResolver(schema),
  });
  if (result.errors) throw new Error(`The invented data does not fit the schema: ${String(result.errors)}`);
  return Buffer.from(JSON.stringify(result));
}
