/**
 * SPDX identifiers (spdx.org/licenses) of the licences that data repositories use. A text gets an identifier only when
 * it says nothing else: "CC BY 4.0" does, "CC BY 4.0 for the code, ask us for the data" does not.
 */

const CC_KINDS = ['BY', 'BY-SA', 'BY-NC', 'BY-ND', 'BY-NC-SA', 'BY-NC-ND'] as const;
const CC_VERSIONS = ['1.0', '2.0', '2.5', '3.0', '4.0'] as const;

const CC_IDENTIFIERS = CC_KINDS.flatMap((kind) => CC_VERSIONS.map((version) => `CC-${kind}-${version}`));

const OTHER_IDENTIFIERS = [
  'AGPL-3.0-only',
  'AGPL-3.0-or-later',
  'Apache-2.0',
  'Artistic-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSL-1.0',
  'C-UDA-1.0',
  'CC-PDDC',
  'CC0-1.0',
  'CDLA-Permissive-1.0',
  'CDLA-Permissive-2.0',
  'CDLA-Sharing-1.0',
  'CECILL-2.1',
  'EPL-2.0',
  'EUPL-1.2',
  'GPL-2.0-only',
  'GPL-2.0-or-later',
  'GPL-3.0-only',
  'GPL-3.0-or-later',
  'ISC',
  'LGPL-2.1-only',
  'LGPL-3.0-only',
  'LGPL-3.0-or-later',
  'MIT',
  'MPL-2.0',
  'O-UDA-1.0',
  'ODC-By-1.0',
  'ODbL-1.0',
  'OGL-UK-3.0',
  'PDDL-1.0',
  'Unlicense',
  'Zlib',
];

const BY_LOWER_CASE = new Map([...CC_IDENTIFIERS, ...OTHER_IDENTIFIERS].map((id) => [id.toLowerCase(), id]));

/** Names that repositories use for exactly one licence. Keys as `normalizeName` writes them. */
const BY_NAME = new Map([
  ['bsd 2 clause license', 'BSD-2-Clause'],
  ['bsd 3 clause license', 'BSD-3-Clause'],
  ['cc 0 1.0', 'CC0-1.0'],
  ['cc zero', 'CC0-1.0'],
  ['cc0', 'CC0-1.0'],
  ['cc0 1.0', 'CC0-1.0'],
  ['cc0 1.0 universal', 'CC0-1.0'],
  ['cc0 1.0 universal cc0 1.0 public domain dedication', 'CC0-1.0'],
  ['creative commons zero', 'CC0-1.0'],
  ['creative commons zero cc0', 'CC0-1.0'],
  ['creative commons zero v1.0 universal', 'CC0-1.0'],
  ['mit license', 'MIT'],
  ['the mit license', 'MIT'],
  ['apache 2.0', 'Apache-2.0'],
  ['apache license 2.0', 'Apache-2.0'],
  ['apache license version 2.0', 'Apache-2.0'],
  ['apache2.0', 'Apache-2.0'],
  ['open data commons attribution license', 'ODC-By-1.0'],
  ['open data commons open database license odbl', 'ODbL-1.0'],
  ['open data commons open database license v1.0', 'ODbL-1.0'],
  ['open database license odbl', 'ODbL-1.0'],
  ['open database license odbl v1.0', 'ODbL-1.0'],
]);

/** Addresses of licence texts, without scheme and `www.`, with the part that names the version captured. */
const BY_ADDRESS: readonly (readonly [RegExp, (match: RegExpMatchArray) => string])[] = [
  [
    /^creativecommons\.org\/licenses\/(by(?:-nc)?(?:-sa|-nd)?)\/(\d\.\d)(?:\/(?:deed|legalcode)(?:\.[a-z-]+)?)?\/?$/,
    (match) => `CC-${match[1]}-${match[2]}`,
  ],
  [/^creativecommons\.org\/publicdomain\/zero\/1\.0(?:\/(?:deed|legalcode)(?:\.[a-z-]+)?)?\/?$/, () => 'CC0-1.0'],
  [/^opendatacommons\.org\/licenses\/by\/(?:1[.-]0\/?)?$/, () => 'ODC-By-1.0'],
  [/^opendatacommons\.org\/licenses\/odbl\/(?:1[.-]0\/?)?$/, () => 'ODbL-1.0'],
  [/^opendatacommons\.org\/licenses\/pddl\/(?:1[.-]0\/?)?$/, () => 'PDDL-1.0'],
  [/^opensource\.org\/licenses?\/mit(?:-license\.php)?\/?$/, () => 'MIT'],
  [/^apache\.org\/licenses\/license-2\.0(?:\.txt|\.html)?\/?$/, () => 'Apache-2.0'],
  [/^cdla\.(?:io|dev)\/sharing-1-0\/?$/, () => 'CDLA-Sharing-1.0'],
  [/^cdla\.(?:io|dev)\/permissive-1-0\/?$/, () => 'CDLA-Permissive-1.0'],
  [/^cdla\.(?:io|dev)\/permissive-2-0\/?$/, () => 'CDLA-Permissive-2.0'],
];

/** `[CC BY 4.0](https://…)` */
const LINK = /^\[([^[\]]+)\]\s?\(([^()\s]+)\)$/;
/** `CC BY 4.0 https://…` and `CC BY 4.0 (https://…)` */
const NAME_AND_ADDRESS = /^([^\n:]+?)[\s(]+(https?:\/\/[^\s()]+)\)?$/;

/**
 * The SPDX identifier that a text surely names, else undefined. Reads identifiers in any case, names, addresses of
 * licence texts, and a name followed by an address (also as a Markdown link) when the two do not contradict each other.
 */
export function parseSpdxLicense(text: string): string | undefined {
  const trimmed = text.trim().replace(/\.$/, '');
  const link = LINK.exec(trimmed) ?? NAME_AND_ADDRESS.exec(trimmed);
  if (link?.[1] === undefined || link[2] === undefined) return parseAddress(trimmed) ?? parseName(trimmed);
  const byAddress = parseAddress(link[2]);
  const byName = parseName(link[1]);
  if (byAddress === undefined) return byName;
  return byName === byAddress || (byName === undefined && isFamilyOf(link[1], byAddress)) ? byAddress : undefined;
}

function parseAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return undefined;
  const address = text.toLowerCase().replace(/^https?:\/\/(?:www\.)?/, '');
  for (const [pattern, identify] of BY_ADDRESS) {
    const match = pattern.exec(address);
    if (match) return BY_LOWER_CASE.get(identify(match).toLowerCase());
  }
  return undefined;
}

function parseName(text: string): string | undefined {
  const name = normalizeName(text);
  return BY_LOWER_CASE.get(name.replaceAll(' ', '-')) ?? BY_NAME.get(name) ?? parseCreativeCommonsName(name);
}

/** `creative commons attribution non commercial 4.0 international`, also with the short form repeated behind it. */
function parseCreativeCommonsName(name: string): string | undefined {
  const words = name
    .replace(/^creative commons /, 'cc ')
    .replace(/\battribution\b/g, 'by')
    .replace(/\bnon ?commercial\b/g, 'nc')
    .replace(/\bshare ?alike\b/g, 'sa')
    .replace(/\bno ?deriv(?:ative)?s\b/g, 'nd')
    .replace(/ (?:public )?licen[sc]e$/, '')
    .replace(/ licen[sc]e(?= )/g, '');
  const match = /^cc ((?:by|nc|sa|nd)(?: (?:by|nc|sa|nd))*) (\d\.\d)(?: international)?(?: cc \1 \2)?$/.exec(words);
  if (match?.[1] === undefined) return undefined;
  return BY_LOWER_CASE.get(`cc-${match[1].replaceAll(' ', '-')}-${match[2]}`);
}

/** Whether a label without version, as in `[CC BY](https://…/by/4.0/)`, leaves it to the address to say which. */
function isFamilyOf(label: string, identifier: string): boolean {
  const family = normalizeName(label)
    .replace(/^creative commons/, 'cc')
    .replaceAll(' ', '-');
  return /^(?:cc|licen[sc]e)$/.test(family) || family === identifier.toLowerCase().replace(/-\d[\d.]*$/, '');
}

function normalizeName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[()[\],_–-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
