import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { type HttpServer, startHttpServer } from './http-server.js';

let server: HttpServer | undefined;
const agent = new Agent({ keepAlive: true });
afterEach(async () => {
  agent.destroy();
  await server?.close(0);
});

/** The answer to an upload of which only the first bytes are sent. */
async function put(path: string, sizeBytes: number, sentBytes: number): Promise<IncomingMessage> {
  const headers = { 'content-length': sizeBytes };
  const upload = request(`${server?.url ?? ''}${path}`, { method: 'PUT', agent, headers });
  upload.on('error', () => undefined);
  upload.write(Buffer.alloc(sentBytes));
  if (sentBytes === sizeBytes) upload.end();
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  await answer.resume().toArray();
  return answer;
}

it('keeps the connection of a request that was read, and closes that of one refused while it still comes', async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    answerDirectly: () => false,
    // A refusal without any wait.
    fetch: async (incoming) => {
      if (new URL(incoming.url).pathname === '/refused') return new Response('no room', { status: 507 });
      return new Response(String((await incoming.arrayBuffer()).byteLength));
    },
  });
  const read = await put('/read', 1000, 1000);
  expect([read.statusCode, read.headers.connection]).toEqual([200, 'keep-alive']);
  const [got] = (await once(request(`${server.url}/refused`, { agent }).end(), 'response')) as [IncomingMessage];
  expect([got.statusCode, got.headers.connection]).toEqual([507, 'keep-alive']);
  await got.resume().toArray();
  const refused = await put('/refused', 10_000_000, 1000);
  expect([refused.statusCode, refused.headers.connection]).toEqual([507, 'close']);
});

it('tells a client that sends everything before it reads why it was refused', async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    answerDirectly: () => false,
    fetch: async () => new Response('no room', { status: 507 }),
  });
  const sizeBytes = 16 * 1024 * 1024;
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
  socket.pause();
  socket.write(`PUT /refused HTTP/1.1\r\nhost: here\r\ncontent-length: ${sizeBytes}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(Buffer.alloc(sizeBytes), () => resolve());
  });
  const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  expect(answer).toMatch(/^HTTP\/1\.1 507 /);
  expect(answer).toMatch(/no room$/);
});
