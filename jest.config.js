/** Unit, conformance and story tests. Real-server tests end in .real.ts and run with `npm run test:real`. */
const real = process.env.SC_TEST_REAL === '1';

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  testMatch: [real ? '**/*.real.ts' : '**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/data/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testTimeout: 30_000,
  // jest itself would leave one processor free. A worker that has run many files is slow with what they left behind.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
};
