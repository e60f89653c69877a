import { type ConformanceOutcome, runConformance } from '../../adapters/conformance.js';
import { repositoryConformance } from '../../adapters/repositories/conformance/repository-conformance.js';
import { createGrpcRepository, listGrpcRepositories } from '../../adapters/repositories/grpc/adapter.js';
import { createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { checkGrpcHealth } from '../../core/grpc-health.js';
import { parseRepositoryId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import type { Output } from '../output.js';

/** Time limit of one question to the server, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** `sc adapter check`: the conformance suite against anyone's server. @throws SOURCE_INVALID_ANSWER when a case fails */
export async function adapterCheck(
  output: Output,
  address: string,
  options: { readonly repository?: string },
): Promise<void> {
  const call = () => createCall({ log: silentLogger, timeoutMs: TIMEOUT_MS });
  const serving = await checkGrpcHealth(address, call());
  const offered = await listGrpcRepositories(address, call());
  const chosen = offered
    .map(({ id }) => id)
    .filter((id) => options.repository === undefined || id === options.repository);
  if (chosen.length === 0)
    throw new SciclomaticError(
      'UNKNOWN_REPOSITORY',
      `${address} offers ${offered.map(({ id }) => id).join(', ') || 'no repository'}`,
    );
  const reports: { readonly repository: string; readonly outcomes: readonly ConformanceOutcome[] }[] = [];
  for (const id of chosen) {
    const repository = parseRepositoryId(id);
    reports.push({
      repository,
      outcomes: await runConformance(repositoryConformance, () =>
        createGrpcRepository({ address, repository }, call()),
      ),
    });
  }
  const count = (state: string) =>
    reports.flatMap(({ outcomes }) => outcomes).filter((outcome) => outcome.state === state).length;
  const lines = reports.flatMap(({ repository, outcomes }) => [
    `repository ${repository}`,
    ...outcomes.map(
      ({ name, state, reason }) => `  ${state.padEnd(7)} ${name}${reason === undefined ? '' : `: ${reason}`}`,
    ),
  ]);
  const failed = count('FAILED') + (serving ? 0 : 1);
  output.result({ address, serving, reports }, [
    `${serving ? 'PASSED ' : 'FAILED '} grpc.health.v1 says SERVING`,
    ...lines,
    `${count('PASSED')} passed, ${count('FAILED')} failed, ${count('SKIPPED')} skipped`,
  ]);
  if (failed > 0)
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${address} does not conform: ${failed} cases failed`, {
      source: address,
    });
}
