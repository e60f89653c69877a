import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { ROLE_SETTINGS, ROLES, type Role } from '../../../cli/house/settings.js';
import { parseConfig } from '../../../core/config.js';
import { readCompose, readImage } from './compose-file.js';

describe('docker-compose.yml', () => {
  const compose = readCompose();
  const image = readImage();
  const services = Object.entries(compose.services);
  const roleOf = (command: readonly string[]): Role => {
    const role = ROLES.find((one) => one === command[command.indexOf('--role') + 1]);
    if (role === undefined) throw new Error(`${command.join(' ')} names no role`);
    return role;
  };

  it('runs every role as a service of its own, with peers of three institutions', () => {
    const roles = new Set(services.map(([, { command }]) => roleOf(command)));
    expect([...roles].sort()).toEqual(ROLES.filter((role) => role !== 'all').sort());
    const peers = services.filter(([, { command }]) => roleOf(command) === 'peer');
    expect(new Set(peers.map(([, { environment }]) => environment.SC_INSTITUTION)).size).toBe(3);
  });

  it.each(services)(
    '%s has settings that its role knows, a health check of its own port, and its own volume',
    (...args) => {
      const [name, service] = args;
      const environment = { ...image.environment, ...service.environment };
      const schema: z.ZodObject = ROLE_SETTINGS[roleOf(service.command)];
      expect(() => parseConfig<z.ZodRawShape>(schema, { environment })).not.toThrow();
      expect(service.healthcheck.test.join(' ')).toContain(`http://127.0.0.1:${environment.SC_PORT}/health/ready`);
      expect(service.volumes).toContain(`${name}:/data`);
      for (const volume of service.volumes) expect(compose.volumes).toHaveProperty([volume.split(':')[0] ?? '']);
      for (const other of service.depends_on) expect(compose.services).toHaveProperty([other]);
    },
  );

  it('gives the gateway’s port, to this machine only, and no other', () => {
    const published = services.flatMap(([name, { ports }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([['gateway', '127.0.0.1:4000:4000']]);
  });

  it('wires services by names and ports that exist, each port once', () => {
    const own = services.flatMap(([name, { environment }]) =>
      [environment.SC_PORT, environment.SC_GRPC_PORT].flatMap((port) => (port ? [`${name}:${port}`] : [])),
    );
    expect(new Set(own.map((address) => address.split(':')[1])).size).toBe(own.length);
    const used = services.flatMap(([, { environment }]) =>
      Object.values(environment).flatMap((value) => /(?<=^|\/)[a-z-]+:\d+/.exec(value)?.[0] ?? []),
    );
    expect(used.length).toBeGreaterThan(services.length);
    expect(used.filter((address) => !own.includes(address))).toEqual([]);
  });

  it('keeps the key of an institution where only its own services reach it', () => {
    const owners = new Map<string, Set<string>>();
    for (const [, { environment, volumes }] of services)
      for (const volume of volumes.filter((one) => one.endsWith(':/keys')))
        owners.set(volume, (owners.get(volume) ?? new Set()).add(environment.SC_INSTITUTION ?? 'alpha'));
    expect([...owners.values()].map((institutions) => institutions.size)).toEqual([1, 1, 1]);
  });

  it('runs the command line of the image, as a user who is not root', () => {
    expect(image.user).toBe('node');
    expect(services.filter(([, { user }]) => user !== undefined)).toEqual([]);
    expect(image.entrypoint).toEqual(['node', 'dist/cli/main.js']);
    expect(image.environment).toMatchObject({ SC_DATA_DIR: '/data', SC_HOST: '0.0.0.0' });
  });
});
