import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { parseConfig, printConfig, readEnvironment } from '../../core/config.js';
import { SciclomaticError } from '../../core/errors.js';
import { createLogger } from '../../core/log.js';
import { ROLE_SETTINGS, ROLES, type Role, type Settings } from '../house/settings.js';
import { startRole } from '../house/start-role.js';
import type { Output } from '../output.js';

/** Where settings are looked for when no file is named. */
const DEFAULT_CONFIG_FILE = 'sciclomatic.yaml';

/** `sc serve`: runs one role, or all in one process, until the signal. */
export async function serve(
  output: Output,
  role: string,
  flags: Readonly<Record<string, unknown>>,
  configFile: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const known = ROLES.find((one) => one === role);
  if (known === undefined)
    throw new SciclomaticError('BAD_INPUT', `--role must be one of ${ROLES.join(', ')}; not ${JSON.stringify(role)}`);
  await run(output, known, flags, configFile, signal);
}

async function run<Name extends Role>(
  output: Output,
  role: Name,
  flags: Readonly<Record<string, unknown>>,
  configFile: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const schema: z.ZodObject = ROLE_SETTINGS[role];
  const file = configFile ?? (existsSync(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined);
  // SC_SERVER tells the other verbs whom to ask; it is no setting of a server.
  const { SC_SERVER: _asked, ...environment } = readEnvironment();
  const settings = parseConfig<z.ZodRawShape>(schema, {
    environment,
    file,
    flags,
  }) as Settings<Name>;
  const log = createLogger(settings.logLevel, { role });
  log.debug({ settings: printConfig(schema, settings) }, 'Settings');
  const running = await startRole(role, settings, log);
  output.result({ role, addresses: running.addresses }, [
    ...Object.entries(running.addresses).map(([name, address]) => `${name.padEnd(10)} ${address}`),
    'ready',
  ]);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  log.info({}, 'Stopping');
  await running.close();
}
