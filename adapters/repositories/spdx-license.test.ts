import { describe, expect, it } from '@jest/globals';
import { parseSpdxLicense } from './spdx-license.js';

describe('parseSpdxLicense', () => {
  it.each([
    ['cc-by-4.0', 'CC-BY-4.0'],
    ['CC BY-NC-SA 4.0', 'CC-BY-NC-SA-4.0'],
    ['CC-BY 4.0', 'CC-BY-4.0'],
    ['cc-zero', 'CC0-1.0'],
    ['CC0 1.0 Universal', 'CC0-1.0'],
    ['mit-license', 'MIT'],
    ['Apache License 2.0', 'Apache-2.0'],
    ['Creative Commons Attribution Non Commercial 4.0', 'CC-BY-NC-4.0'],
    ['Creative Commons Attribution-ShareAlike 4.0 International (CC BY-SA 4.0).', 'CC-BY-SA-4.0'],
    ['http://creativecommons.org/licenses/by/4.0/', 'CC-BY-4.0'],
    ['https://creativecommons.org/licenses/by-nc/4.0/legalcode', 'CC-BY-NC-4.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/deed.en', 'CC0-1.0'],
    ['[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)', 'CC-BY-4.0'],
    ['[CC BY](https://creativecommons.org/licenses/by/3.0/)', 'CC-BY-3.0'],
    ['CC-BY-4.0 (https://creativecommons.org/licenses/by/4.0/)', 'CC-BY-4.0'],
    ['[CC-0 1.0](https://creativecommons.org/publicdomain/zero/1.0/)', 'CC0-1.0'],
    ['Creative Commons Zero (CC0)', 'CC0-1.0'],
    ['BSD 3-Clause License', 'BSD-3-Clause'],
    ['[CDLA-Permissive](https://cdla.dev/permissive-1-0/)', 'CDLA-Permissive-1.0'],
    ['Open Data Commons Open Database License v1.0', 'ODbL-1.0'],
  ])('%s is %s', (text, identifier) => {
    expect(parseSpdxLicense(text)).toBe(identifier);
  });

  it.each([
    'CC BY',
    'CC BY 4.0 for the code, ask us for the data',
    'Various. Most are CC-BY-4.0',
    'Creative Commons Attribution 3.0 United States License',
    '[CC BY-NC 4.0](https://creativecommons.org/licenses/by/4.0/)',
    '[CC BY](https://creativecommons.org/licenses/by-sa/4.0/)',
    '[World Bank Open Database License (ODbL)](https://creativecommons.org/licenses/by/4.0/)',
    'GPL-3.0',
    'other-open',
    '',
  ])('%s names none for sure', (text) => {
    expect(parseSpdxLicense(text)).toBeUndefined();
  });
});
