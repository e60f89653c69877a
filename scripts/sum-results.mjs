// Prints `N passed, N failed, N skipped` from jest's JSON results; exits with 1 when anything failed or nothing ran.
//   node sum-results.mjs FAILED_STEPS RESULT.json …
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
let steps = Number(failedSteps);
for (const file of files) {
  if (!existsSync(file)) {
    console.log(`no results: ${file}`);
    continue;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped += result.numPendingTests + result.numTodoTests;
  // The step that ran these tests failed because of them: it is not counted twice.
  if (!result.success) steps -= 1;
}
failed += Math.max(0, steps);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
