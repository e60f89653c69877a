/** How Zenodo writes single values, in every one of its formats. */

/** `10.5281/zenodo.1` of `https://doi.org/10.5281/zenodo.1` or `doi:10.5281/zenodo.1`; undefined when it is no DOI. */
export function parseDoi(text: string | undefined): string | undefined {
  const doi = text?.trim().replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/i, '');
  return doi !== undefined && /^10\.\d{4,9}\/\S+$/.test(doi) ? doi : undefined;
}

/** `0000-0002-1825-0097`, without resolver, when its last digit is right (ISO 7064 mod 11-2). */
export function parseOrcid(text: string | undefined): string | undefined {
  const orcid =
    text
      ?.trim()
      .replace(/^https?:\/\/(?:www\.)?orcid\.org\//i, '')
      .toUpperCase() ?? '';
  if (!/^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/.test(orcid)) return undefined;
  const digits = orcid.replaceAll('-', '');
  const sum = [...digits.slice(0, 15)].reduce((total, digit) => (total + Number(digit)) * 2, 0);
  const check = (12 - (sum % 11)) % 11;
  return digits[15] === (check === 10 ? 'X' : String(check)) ? orcid : undefined;
}

/** An ISO 8601 date of any precision, an interval (its beginning), or undefined. */
export function parseDate(text: string | undefined): string | undefined {
  const date = text?.trim().split('/')[0] ?? '';
  return /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/.test(date) &&
    !Number.isNaN(Date.parse(date))
    ? date
    : undefined;
}

/** An instant in UTC to the millisecond, which is what Zenodo's index sorts by; undefined when it is none. */
export function parseInstant(text: string | undefined): string | undefined {
  const instant = /^\d{4}-\d{2}-\d{2}T/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
}

/** ISO 639-2 codes in use at Zenodo → BCP 47, which prefers the code of two letters. */
const SHORT_LANGUAGES: Readonly<Record<string, string>> = {
  ara: 'ar',
  cat: 'ca',
  ces: 'cs',
  cze: 'cs',
  dan: 'da',
  deu: 'de',
  dut: 'nl',
  ell: 'el',
  eng: 'en',
  eus: 'eu',
  fin: 'fi',
  fra: 'fr',
  fre: 'fr',
  ger: 'de',
  glg: 'gl',
  gre: 'el',
  hrv: 'hr',
  hun: 'hu',
  ind: 'id',
  ita: 'it',
  jpn: 'ja',
  kor: 'ko',
  lat: 'la',
  nld: 'nl',
  nor: 'no',
  pol: 'pl',
  por: 'pt',
  ron: 'ro',
  rum: 'ro',
  rus: 'ru',
  slk: 'sk',
  slv: 'sl',
  spa: 'es',
  srp: 'sr',
  swe: 'sv',
  tur: 'tr',
  ukr: 'uk',
  zho: 'zh',
  chi: 'zh',
};

export function parseLanguage(text: string | undefined): string | undefined {
  const code = text?.trim().toLowerCase() ?? '';
  if (/^[a-z]{3}$/.test(code)) return SHORT_LANGUAGES[code] ?? code;
  return /^[a-z]{2}(?:-[a-z0-9]{2,8})*$/.test(code) ? code : undefined;
}

/** The object without keys whose value is undefined. */
export function dropUndefined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
