import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { SciclomaticError } from './errors.js';

/**
 * Settings of a process: flags over environment (`SC_…`) over `sciclomatic.yaml` over defaults. Parsed once, all problems
 * reported together, frozen; unknown keys are refused; secrets come from the environment or a file only.
 */
export const ENVIRONMENT_PREFIX = 'SC_';

export interface ConfigSources {
  /** Environment, usually readEnvironment(). */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Path of the YAML file; absent = none. */
  readonly file?: string | undefined;
  /** Flags of the command line by setting name; undefined values are ignored. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** Settings that never come from the file and are printed as `***`. */
const SECRETS = z.registry<{ secret: true }>();

/** Marks a string setting as secret. `SC_NAME_FILE` may name a file that holds it. */
export function secret(): z.ZodString {
  const schema = z.string().min(1);
  SECRETS.add(schema, { secret: true });
  return schema;
}

/** The process's environment: the only place in the house that reads it. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** `dataDir` → `SC_DATA_DIR`. */
export function environmentName(setting: string): string {
  return ENVIRONMENT_PREFIX + setting.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/**
 * Parses the settings that `schema` describes. Keys are camelCase in file and flags; in the environment SC_SNAKE_CASE.
 * Lists and objects stand in the file only.
 * @throws CONFIG_INVALID listing every problem
 */
export function parseConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  sources: ConfigSources,
): Readonly<z.infer<z.ZodObject<Shape>>> {
  const problems: string[] = [];
  const settings = Object.keys(schema.shape);
  const values: Record<string, unknown> = readConfigFile(sources.file, schema, problems);
  const byEnvironmentName = new Map(settings.map((setting) => [environmentName(setting), setting]));
  for (const [name, text] of Object.entries(sources.environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined) continue;
    const setting = byEnvironmentName.get(name) ?? byEnvironmentName.get(name.replace(/_FILE$/, ''));
    if (setting === undefined) problems.push(`${name}: unknown setting${suggest(name, [...byEnvironmentName.keys()])}`);
    else if (byEnvironmentName.has(name)) values[setting] = fromText(text, schema.shape[setting]);
    else if (!isSecret(schema, setting)) problems.push(`${name}: only secrets may come from a file`);
    else if (sources.environment[environmentName(setting)] !== undefined)
      problems.push(`${name}: ${environmentName(setting)} is set too; set one of them`);
    else values[setting] = readSecretFile(name, text, problems);
  }
  for (const [setting, value] of Object.entries(sources.flags ?? {})) if (value !== undefined) values[setting] = value;
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`));
  }
  if (problems.length > 0 || !parsed.success) {
    throw new SciclomaticError(
      'CONFIG_INVALID',
      `The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`,
    );
  }
  return deepFreeze(parsed.data);
}

/** The settings for a log or a status page, secrets hidden. */
export function printConfig(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([setting, value]) => [setting, isSecret(schema, setting) ? '***' : value]),
  );
}

function readConfigFile(file: string | undefined, schema: z.ZodObject, problems: string[]): Record<string, unknown> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  if (content === null || content === undefined) return {};
  const parsed = z.record(z.string(), z.unknown()).safeParse(content);
  if (!parsed.success) {
    problems.push(`${file}: must hold settings as "name: value"`);
    return {};
  }
  const values: Record<string, unknown> = {};
  for (const [setting, value] of Object.entries(parsed.data)) {
    if (!Object.hasOwn(schema.shape, setting))
      problems.push(`${file}: ${setting}: unknown setting${suggest(setting, Object.keys(schema.shape))}`);
    else if (isSecret(schema, setting))
      problems.push(
        `${file}: ${setting}: a secret; set ${environmentName(setting)} or ${environmentName(setting)}_FILE instead`,
      );
    else values[setting] = value;
  }
  return values;
}

function isSecret(schema: z.ZodObject, setting: string): boolean {
  let field: unknown = schema.shape[setting];
  while (field instanceof z.ZodOptional || field instanceof z.ZodDefault) field = field.unwrap();
  // By get, not by has: a secret with a further check, as in secret().min(32), is a schema made from the marked one.
  return field instanceof z.ZodType && SECRETS.get(field)?.secret === true;
}

function readSecretFile(name: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** What the setting takes as text stays text, such as a token of digits; else numbers and booleans are themselves. */
function fromText(text: string, field: unknown): unknown {
  if (field instanceof z.ZodType && field.safeParse(text).success) return text;
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^-?\d+(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text))) ? Number(text) : text;
}

/** ` (did you mean X?)` for the nearest known name within two edits, else nothing. */
function suggest(wrong: string, known: readonly string[]): string {
  const nearest = known
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= 2 ? ` (did you mean ${nearest.name}?)` : '';
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function deepFreeze<Value>(value: Value): Value {
  if (value && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
