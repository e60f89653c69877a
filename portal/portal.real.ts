import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { nodeCrypto } from '../core/node-crypto.js';
import { checkBundle, parseBundle } from '../formats/bundle.js';
import {
  createPortalApi,
  DATASET_COUNT,
  OUTAGE_TEXT,
  type PortalApi,
  RICH_ID,
  UNMIRRORED_ID,
} from '../test/fakes/portal-api.js';
import { createTemporaryDir, type TemporaryDir } from '../test/temporary-dir.js';

/** The built portal in Debian's Chromium, over an API of ours with the real schema. */
const ROOT = join(import.meta.dirname, '..');
const CHROMIUM = '/usr/bin/chromium';
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** As a gateway answers that is still starting. */
const NOT_READY = { message: 'Starting', extensions: { code: 'NOT_READY', source: 'gateway' } };

const inChromium = existsSync(CHROMIUM) ? describe : describe.skip;

inChromium(`the portal in ${CHROMIUM}, skipped without it`, () => {
  let folder: TemporaryDir;
  let api: PortalApi;
  let server: Server;
  let browser: Browser;
  let origin: string;
  /** What the browser complained of since the last look. */
  let complaints: string[] = [];

  beforeAll(async () => {
    folder = await createTemporaryDir();
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'build-portal.mjs'), folder.path], { cwd: ROOT });
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://portal/').pathname;
      if (path === '/graphql') {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part));
        request.on('end', () => {
          void api.answer(JSON.parse(Buffer.concat(parts).toString())).then((answer) => {
            response.setHeader('content-type', 'application/json');
            response.end(JSON.stringify(answer));
          });
        });
        return;
      }
      const isPage = path === '/' || path === '/adapters' || path.startsWith('/dataset/') || path === '/nothing-here';
      const file = isPage ? 'index.html' : path.slice(1);
      readFile(join(folder.path, file)).then(
        (bytes) => {
          response.setHeader('content-type', MEDIA_TYPES[extname(file)] ?? 'application/octet-stream');
          response.end(bytes);
        },
        () => {
          response.statusCode = 404;
          response.end();
        },
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await folder.remove();
  });

  beforeEach(() => {
    api = createPortalApi(ROOT);
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    const found = complaints;
    complaints = [];
    expect(found).toEqual([]);
  });

  async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const { protocol, origin: asked } = new URL(request.url());
      if (protocol.startsWith('http') && asked !== origin) complaints.push(`asked ${request.url()}`);
    });
    await page.goto(`${origin}${path}`);
    return page;
  }

  const datasetPath = (id: string): string => `/dataset/${encodeURIComponent(id)}`;
  const results = (page: Page) => page.locator('.result');
  const resultsCount = (page: Page, text: string) => page.locator('.results-count', { hasText: text }).waitFor();
  /** What people read of an element, on one line. */
  async function textOf(locator: Locator): Promise<string> {
    await locator.waitFor();
    return (await locator.allInnerTexts()).join(' ').replace(/\s+/g, ' ');
  }
  const pathOf = (page: Page): string => page.url().slice(origin.length);

  describe('search', () => {
    it('follows the words, marks them, and keeps its state in the URL', async () => {
      const page = await open('/');
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      await page.getByRole('searchbox').fill('chaos');
      await resultsCount(page, '10 datasets found');
      expect(pathOf(page)).toBe('/?q=chaos');
      expect(await page.title()).toBe('chaos · Sciclomatic');
      expect(await page.locator('.result h2 mark').first().textContent()).toBe('chaos');
      await page.goBack();
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      expect(await page.getByRole('searchbox').inputValue()).toBe('');
      await page.goForward();
      await resultsCount(page, '10 datasets found');
      expect(await page.getByRole('searchbox').inputValue()).toBe('chaos');
    });

    it('shows each source’s state in words, and what people should know of it', async () => {
      const page = await open('/');
      const sources = page.getByRole('region', { name: 'Sources of this answer' });
      const text = await textOf(sources);
      expect(text).toContain('aws 16 does not answer');
      expect(text).toContain('sample 16 current');
      expect(text).toContain('zenodo 15 incomplete');
      expect(text).toContain('Stopped at page 3 of 12: HTTP 503');
    });

    it('narrows by facets, whose counts ignore their own filter', async () => {
      const page = await open('/');
      const zenodo = page.getByRole('checkbox', { name: /^zenodo/ });
      await zenodo.check();
      await resultsCount(page, '15 datasets found');
      expect(pathOf(page)).toBe('/?repository=zenodo');
      await page.getByRole('checkbox', { name: /^sample/ }).check();
      await resultsCount(page, '31 datasets found');
      await page.getByRole('checkbox', { name: /^chaos/ }).check();
      await resultsCount(page, '6 datasets found');
      await page.getByRole('button', { name: 'Remove filter Repository: sample' }).click();
      await resultsCount(page, '3 datasets found');
      // The button is gone; the focus stays beside it.
      expect(await page.evaluate('document.activeElement.className')).toBe('results');
      expect(pathOf(page)).toBe('/?repository=zenodo&subject=chaos');
      await page.getByRole('button', { name: 'Remove all' }).click();
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      expect(await zenodo.isChecked()).toBe(false);
    });

    it('pages forth and back without skipping or repeating, and a page can be shared', async () => {
      const page = await open('/?sort=id');
      const seen: string[] = [];
      for (const position of ['1 to 20 of 47', '21 to 40 of 47', '41 to 47 of 47']) {
        await page.locator('.pager-position', { hasText: position }).waitFor();
        seen.push(...(await page.locator('.result h2').allTextContents()));
        if (!position.startsWith('41')) await page.getByRole('link', { name: 'Next' }).click();
      }
      expect(new Set(seen).size).toBe(DATASET_COUNT);
      await page.getByRole('link', { name: 'Previous' }).click();
      await page.locator('.pager-position', { hasText: '21 to 40 of 47' }).waitFor();
      const shared = await open(pathOf(page));
      await shared.locator('.pager-position', { hasText: '21 to 40 of 47' }).waitFor();
      expect(await shared.locator('.result h2').allTextContents()).toEqual(seen.slice(20, 40));
      await shared.getByRole('link', { name: 'First' }).click();
      await shared.locator('.pager-position', { hasText: '1 to 20 of 47' }).waitFor();
    });

    it('comes back from a dataset to where the reader was', async () => {
      const page = await open('/');
      const link = results(page).nth(14).getByRole('link');
      await link.scrollIntoViewIfNeeded();
      const scrollY = await page.evaluate<number>('window.scrollY');
      expect(scrollY).toBeGreaterThan(500);
      await link.click();
      await page.getByRole('heading', { name: 'Provenance' }).waitFor();
      expect(await page.evaluate('window.scrollY')).toBe(0);
      await page.goBack();
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      expect(await page.evaluate('window.scrollY')).toBe(scrollY);
    });

    it('asks again by itself when the server is back, and keeps the last answer meanwhile', async () => {
      const page = await open('/');
      await page.clock.install();
      await page.reload();
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      await page.route('**/graphql', (route) => route.fulfill({ status: 500, json: { errors: [NOT_READY] } }));
      const alert = page.getByRole('alert');
      // A source of the made-up answer does not answer, so that the page goes on asking.
      await passTime(page, alert, 'visible');
      expect(await textOf(alert)).toContain('What stands below is from the last answer');
      expect(await results(page).count()).toBe(20);
      await page.unroute('**/graphql');
      await passTime(page, alert, 'hidden');
      // The browser itself tells of each answer with status 500.
      complaints = complaints.filter((text) => !text.includes('500'));
    });

    it('shows markup of a source as text', async () => {
      const page = await open('/?q=lorenz');
      await resultsCount(page, '1 dataset found');
      expect(await textOf(page.locator('.result h2'))).toContain('<script>document.title = "broken"</script>');
      expect(await page.title()).toBe('lorenz · Sciclomatic');
    });

    it('says when nothing matches, who fails, and when a cursor is too old', async () => {
      const page = await open('/?q=zzzz');
      await page.getByText('Nothing matches.').waitFor();
      await page.goto(`${origin}/?q=${OUTAGE_TEXT}`);
      const alert = page.getByRole('alert');
      expect(await textOf(alert)).toContain('search does not answer.');
      expect(await textOf(alert)).toContain('SOURCE_UNAVAILABLE');
      await page.goto(`${origin}/?after=expired&page=3`);
      await page.getByRole('button', { name: 'Start from the first page' }).click();
      await resultsCount(page, `${DATASET_COUNT} datasets found`);
      expect(pathOf(page)).toBe('/');
    });
  });

  describe('the dataset page', () => {
    it('lists files with sizes, checksums and links, page by page', async () => {
      const page = await open(datasetPath(RICH_ID));
      await page.getByRole('heading', { level: 1, name: /Lorenz attractor/ }).waitFor();
      const files = page.getByRole('table').first();
      await files.getByRole('rowheader', { name: 'runs/orbit-000.csv' }).waitFor();
      const rows = (await files.locator('tbody tr').allInnerTexts()).map((row) => row.replace(/\s+/g, ' '));
      expect(rows[0]).toContain('1.0 MiB sha256 000000000000… Copy md5');
      expect(rows[1]).toBe('runs/orbit-001.csv unknown none stated: unverifiable no link now');
      expect(await files.getByRole('link', { name: 'Download runs/orbit-002.csv' }).getAttribute('href')).toBe(
        `${origin}/files/2`,
      );
      await page.getByRole('navigation', { name: 'Pages of files' }).getByRole('link', { name: 'Next' }).click();
      await files.getByRole('rowheader', { name: 'runs/orbit-020.csv' }).waitFor();
      await page.reload();
      await page.getByText('21 to 40 of 120').waitFor();
      await page.goBack();
      await page.getByText('1 to 20 of 120').waitFor();
    });

    it('shows who holds what, and follows a copy that is being made', async () => {
      const page = await open(datasetPath(RICH_ID));
      const copies = page.locator('table.copies');
      await copies.getByText('forest-peer').waitFor();
      const first = await textOf(copies);
      expect(first).toContain('forest forest-peer Copying 48 of 120 never Fetching from alps-peer');
      expect(first).toContain('Ocean Data Centre ocean-peer Temporarily unavailable does not answer');
      // The fake makes the copy between the first reading and the second: the page finds out by itself.
      await page.getByText('Three institutions answered their challenge.').waitFor();
      expect(await textOf(copies.locator('tr', { hasText: 'forest' }))).toContain('Available 120 of 120');
    });

    it('shows provenance, gives proofs, and saves them as a bundle', async () => {
      const page = await open(datasetPath(RICH_ID));
      const provenance = page.getByRole('region', { name: /^Provenance/ });
      await provenance.getByText('entry 98').waitFor();
      expect(await provenance.locator('.timeline > li').count()).toBe(10);
      await provenance.getByRole('button', { name: 'Copy proof of entry 97' }).click();
      await provenance.getByText('Copied', { exact: true }).first().waitFor();
      await provenance.locator('.timeline-foot', { hasText: 'entry 97' }).getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await api.evidence.proofOf(97));
      const downloading = page.waitForEvent('download');
      await provenance.getByRole('button', { name: 'Download bundle' }).click();
      const bundle = parseBundle(await readFile(await (await downloading).path()));
      expect(bundle.records).toHaveLength(12);
      const report = checkBundle(bundle, nodeCrypto, { trustedLogKey: api.evidence.log.verifierKey });
      expect(report.checks.filter(({ error }) => error !== null)).toEqual([]);
    });

    it('verifies signatures and proofs by itself, and finds a record that was altered', async () => {
      const page = await open(datasetPath(RICH_ID));
      const verify = page.getByRole('button', { name: 'Verify in this browser' });
      await verify.click();
      const report = page.locator('.evidence .notice');
      expect(await textOf(report)).toContain(
        'Verified The manifest’s signature, and signature and proof of 12 records.',
      );
      expect(await textOf(report)).toContain(api.evidence.log.verifierKey);
      api.alterEntry(95);
      await verify.click();
      await report.getByText('Not verified').waitFor();
      expect(await textOf(report)).toMatch(/1 of 15 checks failed\. record 3: .+ PROOF_INVALID/);
    });

    it('mirrors a dataset that the swarm does not hold, and shows its health then', async () => {
      const page = await open(datasetPath(UNMIRRORED_ID));
      await page.getByText('The log records nothing of this dataset.').waitFor();
      expect(await page.locator('table.copies').count()).toBe(0);
      await page.getByRole('button', { name: 'Mirror into the swarm' }).click();
      await page.getByText('47.7 MiB of 95.4 MiB').waitFor();
      await page.locator('table.copies').waitFor();
    });

    it('does not link to what is no web address, and says when there is no such dataset', async () => {
      const page = await open(datasetPath(RICH_ID));
      await page.getByRole('heading', { level: 1, name: /Lorenz/ }).waitFor();
      expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
      expect(await page.getByText('Open at').count()).toBe(0);
      await page.goto(`${origin}${datasetPath('aws:nope')}`);
      await page.getByRole('heading', { name: 'No such dataset' }).waitFor();
      await page.goto(`${origin}/nothing-here`);
      await page.getByRole('heading', { name: 'No such page' }).waitFor();
    });
  });

  describe('the adapters page', () => {
    it('tells each adapter’s kind, institution, state and supports', async () => {
      const page = await open('/');
      await page.getByRole('link', { name: 'Adapters' }).click();
      await page.getByText('4 adapters, 2 healthy').waitFor();
      const row = await textOf(page.locator('tr', { hasText: 'Adapter aws' }));
      expect(row).toMatch(
        /aws Adapter aws Repository alps Suspended Its lease ended 12 minutes ago datasets-since entries/,
      );
      expect(await page.title()).toBe('Adapters · Sciclomatic');
    });
  });

  describe('without a mouse', () => {
    it('searches, narrows, opens a dataset and comes back', async () => {
      const page = await open('/adapters');
      const focused = () =>
        page.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()');
      await page.getByText('4 adapters').waitFor();
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to content');
      await page.keyboard.press('Enter');
      expect(await focused()).toBe('main');
      await page.keyboard.press('/');
      await page.locator('#search-input:focus').waitFor();
      expect(pathOf(page)).toBe('/');
      await page.keyboard.type('chaos');
      await page.keyboard.press('Enter');
      await resultsCount(page, '10 datasets found');
      await tabTo(page, 'input[type=checkbox]');
      await page.keyboard.press('Space');
      await resultsCount(page, '4 datasets found');
      expect(pathOf(page)).toBe('/?q=chaos&repository=aws');
      await tabTo(page, '.result h2 a');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: /Made-up chaos/ }).waitFor();
      expect(await focused()).toBe('main');
      await tabTo(page, '.back a');
      await page.keyboard.press('Enter');
      await resultsCount(page, '4 datasets found');
    });

    it('always shows where the focus is', async () => {
      const page = await open('/?q=chaos');
      await resultsCount(page, '10 datasets found');
      for (let press = 0; press < 25; press += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
        expect(outline).toBe('solid');
      }
    });
  });

  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
    }
    throw new Error(`No Tab leads to ${selector}`);
  }

  /** Moves the page's clock on until it has asked, and so shows or hides the element. */
  async function passTime(page: Page, element: Locator, state: 'visible' | 'hidden'): Promise<void> {
    for (let round = 0; round < 60; round += 1) {
      if ((await element.isVisible()) === (state === 'visible')) return;
      await page.clock.runFor(1000);
    }
    throw new Error(`It never became ${state}`);
  }

  const PAGES: readonly (readonly [string, string, string])[] = [
    ['search', '/', '.result'],
    ['filters', '/?q=made&subject=chaos', '.chip'],
    ['an outage', `/?q=${OUTAGE_TEXT}`, '[role=alert]'],
    ['a dataset', datasetPath(RICH_ID), '.copies .tone-warn'],
    ['a dataset of a silent source', datasetPath('aws:made-up/0'), '.notice'],
    ['adapters', '/adapters', '.adapters tr'],
  ];

  describe('on a phone', () => {
    it.each(PAGES)('%s fits into 360 pixels', async (_name, path, landmark) => {
      const page = await open(path, { viewport: { width: 360, height: 740 }, hasTouch: true });
      await page.locator(landmark).first().waitFor({ state: 'attached' });
      const sizes = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
      const [scrolled = 0, shown = 0] = await page.evaluate<number[]>(sizes);
      expect(scrolled).toBeLessThanOrEqual(shown);
    });

    it('folds the filters away until they are asked for', async () => {
      const page = await open('/', { viewport: { width: 360, height: 740 } });
      await results(page).first().waitFor();
      const zenodo = page.getByRole('checkbox', { name: /^zenodo/ });
      expect(await zenodo.isVisible()).toBe(false);
      await page.getByText('Filters').click();
      await zenodo.check();
      await resultsCount(page, '15 datasets found');
      await page.getByText('Filters (1)').waitFor();
    });
  });

  /** Lowest contrast of any text with its ground (WCAG 2.2, 1.4.3), and the text that has it. */
  const LOWEST_CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [red, green, blue] = channels(color).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) === 1) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let lowest = { ratio: 21, text: '' };
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('').trim();
    if (text === '' || element.disabled) continue;
    const [low, high] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text };
  }
  return lowest;
})()`;

  describe.each(['light', 'dark'] as const)('in %s mode', (colorScheme) => {
    it.each(PAGES)('%s can be read', async (_name, path, landmark) => {
      const page = await open(path, { colorScheme });
      await page.locator(landmark).first().waitFor();
      const { ratio, text } = await page.evaluate<{ ratio: number; text: string }>(LOWEST_CONTRAST);
      expect({ text, isReadable: ratio >= 4.5 }).toEqual({ text, isReadable: true });
      const ground = await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
      expect(Number(/\d+/.exec(ground)?.[0]) < 128).toBe(colorScheme === 'dark');
    });
  });

  describe('for people who asked for stillness', () => {
    it('nothing moves', async () => {
      const page = await open('/', { reducedMotion: 'reduce' });
      await results(page).first().waitFor();
      const moving = `[...document.querySelectorAll('*')].filter((element) => {
      const { animationName, transitionDuration } = getComputedStyle(element);
      return animationName !== 'none' || transitionDuration !== '0s';
    }).length`;
      expect(await page.evaluate(moving)).toBe(0);
    });
  });

  describe('GraphiQL', () => {
    it('asks the API with nothing from elsewhere', async () => {
      const page = await open('/graphiql.html');
      await page.locator('.graphiql-query-editor', { hasText: 'searchDatasets' }).waitFor();
      await page.getByRole('button', { name: /Execute query/ }).click();
      await page.locator('.graphiql-response', { hasText: '"totalCount": 1' }).waitFor();
      expect(api.asked).toContain('IntrospectionQuery');
    });
  });
});
