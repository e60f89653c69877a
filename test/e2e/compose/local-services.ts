import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type RunningCommand, startCommand, startSc } from '../../child-process.js';
import { waitFor } from '../../wait-for.js';
import type { Compose, ComposeService, Image } from './compose-file.js';

/** Longest wait for a service's health check, in milliseconds. */
const HEALTHY_TIMEOUT_MS = 120_000;
/** Wait between two health checks, in milliseconds. */
const HEALTH_INTERVAL_MS = 500;

/** The services of a compose file as processes of this machine. */
export interface LocalServices {
  /** Starts one as its container would start. */
  start(name: string): void;
  /** Resolves when the service's own health check says so. @throws with what the service said when it does not */
  waitUntilHealthy(name: string): Promise<void>;
  /** Resolves with its exit code, null when the signal ended it or it does not run. */
  end(name: string, signal: NodeJS.Signals): Promise<number | null>;
  /** Where a published port of the file is reached. */
  urlOf(port: number): string;
  /** Ends every process. */
  endAll(): Promise<void>;
}

/**
 * Wires the services as compose would: each service's host name becomes the loopback, each port of the file another free
 * one, the same everywhere, and each volume a folder below `dir`.
 */
export async function createLocalServices(compose: Compose, image: Image, dir: string): Promise<LocalServices> {
  const { services } = compose;
  const names = Object.keys(services).sort((left, right) => right.length - left.length);
  const ports = await findFreePorts(listPorts(services));
  const hosts = new RegExp(`(?<=^|/)(?:${names.join('|')})(?=:\\d)`, 'g');
  const portsIn = new RegExp(`\\b(?:${[...ports.keys()].join('|')})\\b`, 'g');
  const localise = (text: string): string =>
    text.replaceAll(hosts, '127.0.0.1').replaceAll(portsIn, (port) => String(ports.get(port) ?? port));
  const running = new Map<string, RunningCommand>();
  const serviceOf = (name: string): ComposeService => {
    const service = services[name];
    if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
    return service;
  };
  for (const volume of Object.keys(compose.volumes)) await mkdir(join(dir, volume), { recursive: true });

  const environmentOf = (service: ComposeService): Record<string, string> => {
    const mounts = service.volumes.map((volume) => volume.split(':') as [string, string]);
    const localPath = (text: string): string => {
      const mount = mounts.find(([, target]) => text === target || text.startsWith(`${target}/`));
      return mount === undefined ? text : join(dir, mount[0]) + text.slice(mount[1].length);
    };
    const all = { ...image.environment, SC_LOG_LEVEL: 'warn', ...service.environment };
    return Object.fromEntries(
      Object.entries(all).map(([name, value]) => [
        name,
        localPath(localise(value.replace(/^0\.0\.0\.0$/, '127.0.0.1'))),
      ]),
    );
  };

  return {
    start: (name) => {
      const service = serviceOf(name);
      running.set(name, startSc(service.command, { cwd: dir, env: environmentOf(service) }));
    },
    waitUntilHealthy: async (name) => {
      const [kind, program = '', ...parameters] = serviceOf(name).healthcheck.test.map(localise);
      if (kind !== 'CMD') throw new Error(`The health check of ${name} must be CMD, not ${kind}`);
      await waitFor(
        `${name} is healthy`,
        async () => {
          const service = running.get(name);
          if (service === undefined || service.child.exitCode !== null)
            throw new Error(`${name} does not run: ${service?.readError()}`);
          const check = startCommand(program === 'node' ? process.execPath : program, parameters);
          return (await check.waitForEnd()) === 0;
        },
        HEALTHY_TIMEOUT_MS,
        HEALTH_INTERVAL_MS,
      );
    },
    end: async (name, signal) => {
      const service = running.get(name);
      running.delete(name);
      return (await service?.end(signal)) ?? null;
    },
    urlOf: (port) => `http://127.0.0.1:${ports.get(String(port)) ?? ''}`,
    endAll: async () => {
      await Promise.all([...running.values()].map((service) => service.end('SIGKILL')));
      running.clear();
    },
  };
}

/** Every port that a service listens on, as text. */
function listPorts(services: Compose['services']): string[] {
  const values = Object.values(services).flatMap(({ environment }) => [environment.SC_PORT, environment.SC_GRPC_PORT]);
  return values.filter((port) => port !== undefined);
}

/** Another free port for each. */
async function findFreePorts(wanted: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const servers = wanted.map(() => createServer());
  const found = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject).listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return new Map(wanted.map((port, position) => [port, found[position] ?? 0]));
}
