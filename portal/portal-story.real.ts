import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ROLE_SETTINGS } from '../cli/house/settings.js';
import { type Running, startRole } from '../cli/house/start-role.js';
import { silentLogger } from '../core/log.js';
import { startTestHouse, type TestHouse } from '../test/start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../test/temporary-dir.js';
import { waitFor } from '../test/wait-for.js';

/** The portal as the gateway of a whole house serves it: every answer comes from the real subgraphs. */
const CHROMIUM = '/usr/bin/chromium';
const BUILT_PORTAL = join(import.meta.dirname, '..', 'dist', 'portal', 'index.html');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const PATIENCE_MS = 60_000;
const STORY_MS = 3 * PATIENCE_MS;

const obstacle = [CHROMIUM, BUILT_PORTAL].find((file) => !existsSync(file));
const inChromium = obstacle === undefined ? describe : describe.skip;

inChromium(`the portal of a real house, skipped without ${obstacle ?? 'anything'}`, () => {
  let dir: TemporaryDir;
  let house: TestHouse;
  let shelf: Running;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of. */
  const complaints: string[] = [];

  beforeAll(async () => {
    dir = await createTemporaryDir();
    house = await startTestHouse({ dataDir: join(dir.path, 'house') });
    shelf = await startRole(
      'repository',
      ROLE_SETTINGS.repository.parse({
        adapter: 'sample',
        id: 'shelf',
        institution: 'delta',
        registry: house.house.registryAddress,
        dataDir: join(dir.path, 'shelf'),
        port: 0,
        grpcPort: 0,
      }),
      silentLogger,
    );
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
  }, STORY_MS);
  afterAll(async () => {
    await browser?.close();
    await shelf?.close();
    await house?.close();
    await dir.remove();
  }, PATIENCE_MS);

  it(
    'leads from a search to a dataset that is mirrored, audited, recorded and verified, and to the adapters',
    async () => {
      await page.goto(house.house.url);
      // Asks again by itself while a repository is read for the first time.
      await page.locator('.results-count', { hasText: '52 datasets found' }).waitFor();
      await page.getByRole('searchbox').fill('lorenz attractor');
      const found = page.locator('.result', { hasText: 'Lorenz attractor' }).filter({ hasText: '(sample)' });
      await found.getByRole('link', { name: 'Lorenz attractor' }).click();
      await page.getByRole('heading', { level: 1, name: 'Lorenz attractor' }).waitFor();
      expect(new URL(page.url()).pathname).toBe('/dataset/sample%3Alorenz-attractor');
      await page.getByText('trajectory-start.csv').first().waitFor();
      const verify = page.getByRole('button', { name: 'Verify in this browser' });
      const mirror = page.getByRole('button', { name: 'Mirror into the swarm' });
      await mirror.waitFor();
      expect(await verify.count()).toBe(0);

      await mirror.click();
      const health = page.locator('section', { has: page.getByRole('heading', { name: 'Health' }) });
      await health.getByText('Good copies at 3 institutions').waitFor();
      for (const name of ['peer-alpha', 'peer-beta', 'peer-gamma']) await health.getByText(name).first().waitFor();
      await page.getByRole('link', { name: 'Download' }).first().waitFor();
      await verify.waitFor();

      // What the mirror left in the log comes without a reload.
      const provenance = page.locator('section', { has: page.getByRole('heading', { name: 'Provenance' }) });
      for (const activity of ['Audited', 'Copied', 'Mirrored', 'Harvested'])
        await provenance.getByText(activity).first().waitFor();
      await verify.click();
      const report = page.locator('.evidence .notice').first();
      await report.waitFor();
      expect(await report.textContent()).toContain('The manifest’s signature');

      await page.getByRole('link', { name: 'Adapters' }).click();
      await page.getByText('7 adapters, 7 healthy').waitFor();
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );

  it(
    'says that a repository does not answer, and still finds its datasets',
    async () => {
      await shelf.close();
      await page.goto(`${house.house.url}/adapters`);
      await page.getByText('7 adapters, 6 healthy').waitFor();
      // A settled page does not ask again by itself, and search looks at its sources at intervals.
      await waitFor(
        'the search says so',
        async () => {
          await page.goto(`${house.house.url}/?q=lorenz&repository=shelf`);
          await page.locator('.result').first().waitFor();
          return (await page.getByText('does not answer').count()) > 0;
        },
        PATIENCE_MS,
      );
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );
});
