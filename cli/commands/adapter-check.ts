import { type ConformanceOutcome, runConformance } from '../../adapters/conformance.js';
import { repositoryConformance } from '../../adapters/repositories/conformance/repository-conformance.js';
import { createGrpcRepository, listGrpcRepositories } from '../../adapters/repositories/grpc/adapter.js';
import { type Call, createCall } from '../../core/call.js';
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
  const healthProblem = await findHealthProblem(address, call());
  const offered = await listOffered(address, call());
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
  const failed = count('FAILED') + (healthProblem === undefined ? 0 : 1);
  output.result({ address, serving: healthProblem === undefined, reports }, [
    `${healthProblem === undefined ? 'PASSED ' : 'FAILED '} grpc.health.v1 says SERVING${healthProblem === undefined ? '' : `: ${healthProblem}`}`,
    ...lines,
    `${count('PASSED') + (healthProblem === undefined ? 1 : 0)} passed, ${failed} failed, ${count('SKIPPED')} skipped`,
  ]);
  if (failed > 0)
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', `${address} does not conform: ${failed} cases failed`, {
      source: address,
    });
}

/** Why grpc.health.v1 does not say SERVING; undefined when it does. */
async function findHealthProblem(address: string, call: Call): Promise<string | undefined> {
  try {
    return (await checkGrpcHealth(address, call)) ? undefined : 'it says something else for the service ""';
  } catch (error) {
    const { code } = SciclomaticError.from(error);
    if (code === 'UNSUPPORTED') return 'the server does not serve grpc.health.v1.Health';
    if (code === 'NOT_FOUND') return 'it does not know the service ""';
    throw error;
  }
}

async function listOffered(address: string, call: Call): ReturnType<typeof listGrpcRepositories> {
  try {
    return await listGrpcRepositories(address, call);
  } catch (error) {
    if (SciclomaticError.from(error).code !== 'UNSUPPORTED') throw error;
    const message = `${address} does not serve sciclomatic.catalog.v1.RepositoryService, or not its Describe`;
    throw new SciclomaticError('UNSUPPORTED', message, { cause: error, source: address });
  }
}
