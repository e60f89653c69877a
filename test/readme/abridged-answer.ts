/** Where an abridged answer and the real one differ, as JSON paths with both values; empty when they agree. */
export function listDifferences(shown: unknown, real: unknown, path = '$'): string[] {
  if (typeof shown === 'string' && shown.endsWith('…') && typeof real === 'string') {
    return real.startsWith(shown.slice(0, -1)) ? [] : [describe(path, shown, real)];
  }
  if (Array.isArray(shown) && Array.isArray(real)) return listDifferencesOfLists(shown, real, path);
  if (isObject(shown) && isObject(real)) {
    const names = [...new Set([...Object.keys(shown), ...Object.keys(real)])];
    return names.flatMap((name) => listDifferences(shown[name], real[name], `${path}.${name}`));
  }
  return shown === real ? [] : [describe(path, shown, real)];
}

/** `… 2 more` as the last item of a shown list stands for exactly so many items. */
const MORE = /^… (\d+) more$/;

function listDifferencesOfLists(shown: readonly unknown[], real: readonly unknown[], path: string): string[] {
  const last = shown.at(-1);
  const more = typeof last === 'string' ? MORE.exec(last) : null;
  const items = more ? shown.slice(0, -1) : shown;
  const expectedCount = items.length + Number(more?.[1] ?? 0);
  if (real.length !== expectedCount) return [describe(`${path}.length`, expectedCount, real.length)];
  return items.flatMap((item, index) => listDifferences(item, real[index], `${path}[${index}]`));
}

/** True when the real lines are the shown ones, where a line `…` stands for one or more, and a line that ends in … goes on. */
export function matchesLines(shown: readonly string[], real: readonly string[]): boolean {
  const pattern = shown.map((line) => {
    if (line === '…') return '(?:.*\\n)+?';
    const text = line.endsWith('…') ? line.slice(0, -1) : line;
    return `${text.trimEnd().replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${text === line ? ' *' : '.*'}\\n`;
  });
  return new RegExp(`^${pattern.join('')}$`).test(`${real.join('\n')}\n`);
}

/** A line of a terminal with placeholders for what differs from one start to the next. */
export function hideWhatVariesInLine(line: string): string {
  return line
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>')
    .replace(/^sc:[0-9a-f]{64}$/, 'sc:<manifest hash>')
    .replace(/(?<=^more: --after )[\w-]+…?$/, '<cursor>')
    .replace(/\d+(?= entries$)/, '<count>');
}

/** The answer with a placeholder for what differs from one start to the next. Abridged texts are recognised too. */
export function hideWhatVaries(value: unknown, name = '', field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => hideWhatVaries(item, name, field));
    // Copies and audits of one dataset may be recorded in another order.
    return items.every(isRecord) ? items.toSorted((a, b) => compareText(a.activity, b.activity)) : items;
  }
  if (isObject(value)) {
    const facet = typeof value.field === 'string' ? value.field : field;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideWhatVaries(item, key, facet)]));
  }
  const hide = HIDDEN[field === 'YEAR' && name === 'value' ? 'year' : name];
  return hide ? hide(value) : value;
}

const hideMatch = (pattern: RegExp, placeholder: string) => (value: unknown) =>
  typeof value === 'string' ? value.replace(pattern, placeholder) : value;

const hideInstant = hideMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, '<instant>');

/** By name of the field. What does not look as it should is left, so that the comparison finds it. */
const HIDDEN: Readonly<Record<string, (value: unknown) => unknown>> = {
  lastAuditedAt: hideInstant,
  recordedAt: hideInstant,
  lastSeenAt: hideInstant,
  publishedAt: hideMatch(/^\d{4}-\d\d-\d\d$/, '<date>'),
  year: hideMatch(/^\d{4}$/, '<year>'),
  cursor: hideMatch(/^[\w-]{20,}…?$/, '<cursor>'),
  proof: hideMatch(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n[\w+/=\n—. -]+…?$/, '<proof>'),
  entryIndex: (value) => (Number.isInteger(value) ? '<index>' : value),
  url: (value) =>
    typeof value === 'string'
      ? value
          .replace(/^http:\/\/127\.0\.0\.1:\d+\//, '<gateway>/')
          .replace(/expires=\d+&signature=[\w-]+…?$/, '<signature>')
      : value,
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRecord = (value: unknown): value is { readonly activity: string } =>
  isObject(value) && typeof value.activity === 'string';

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const describe = (path: string, shown: unknown, real: unknown): string =>
  `${path}: README has ${JSON.stringify(shown)}, the answer ${JSON.stringify(real)}`;
