import { Command, InvalidArgumentError, Option } from 'commander';
import { readEnvironment } from '../core/config.js';
import { completionScript } from './commands/completion.js';
import { download } from './commands/download.js';
import { harvest } from './commands/harvest.js';
import { mirror } from './commands/mirror.js';
import { prove } from './commands/prove.js';
import { search } from './commands/search.js';
import { show } from './commands/show.js';
import { status } from './commands/status.js';
import { submit } from './commands/submit.js';
import { verify } from './commands/verify.js';
import type { Output } from './output.js';
import { readVersion } from './read-version.js';
import { DEFAULT_SERVER, type Session } from './session.js';

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
};
const seconds = (text: string): number => {
  if (wholeNumber(text) === 0) throw new InvalidArgumentError('It must be at least 1.');
  return Number(text);
};
const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

type ServeOptions = Record<string, unknown> & {
  readonly role: string;
  readonly config?: string;
  readonly register?: string;
};

/** Opens what a verb needs from the options that every verb takes. */
export interface Openers {
  session(command: Command): Session;
  output(command: Command): Output;
}

/**
 * The command line `sc`: verbs, options and their help.
 * @param signal ends what a verb is doing
 * @param openers what verbs work with
 */
export function createProgram(signal: AbortSignal, openers: Openers): Command {
  const program = new Command('sc')
    .description('Sciclomatic: find scientific data, see how safe it is, fetch it verified, prove where it came from.')
    .version(readVersion())
    .addOption(
      new Option('--server <url>', 'the gateway to ask').default(
        readEnvironment().SC_SERVER ?? DEFAULT_SERVER,
        `$SC_SERVER or ${DEFAULT_SERVER}`,
      ),
    )
    .option('--json', 'print one JSON value instead of text')
    .option('--timeout <seconds>', 'longest wait for one answer', seconds, 30)
    .showSuggestionAfterError()
    .showHelpAfterError('(sc --help, or sc VERB --help, says more)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addServe(program, signal, openers);
  addFinding(program, openers);
  addKeeping(program, openers);
  addProving(program, openers);
  addTending(program, openers);
  return program;
}

function addServe(program: Command, signal: AbortSignal, { output }: Openers): void {
  program
    .command('serve')
    .description('run one role of the house, or all of it in this process')
    .addOption(
      new Option(
        '--role <role>',
        'all, gateway, registry, search, storage, replication, provenance, peer or repository',
      ).default('all'),
    )
    .option('--config <file>', 'settings in YAML; sciclomatic.yaml when it is there')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port of HTTP; 0 = any free one', wholeNumber)
    .option('--grpc-port <number>', 'port of gRPC, for roles that have one', wholeNumber)
    .option('--registry-port <number>', 'port where adapters of others register (role all)', wholeNumber)
    .option('--data-dir <dir>', 'where everything that lasts is kept')
    .option('--institution <id>', 'the institution that runs this process')
    .option('--supergraph <file>', 'supergraph SDL to serve (role gateway)')
    .option('--adapter <name>', 'sample, swarm, aws-open-data or zenodo (role repository)')
    .option('--id <id>', 'id of the repository (role repository)')
    .option('--register <address>', 'host:port of the registry to join')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .addHelpText(
      'after',
      '\nEvery setting can also be given in the environment (SC_DATA_DIR=…) or in the settings file (dataDir: …).',
    )
    .action(async (options: ServeOptions, command: Command) => {
      const { role, config, register, ...flags } = options;
      // Loaded here only: the servers are most of the program, and the other verbs need none of it.
      const { serve } = await import('./commands/serve.js');
      const settings = register === undefined ? flags : { ...flags, registry: register };
      await serve(output(command), role, settings, config, signal);
    });
}

function addFinding(program: Command, { session }: Openers): void {
  program
    .command('search')
    .description('find datasets in every repository')
    .argument('[words...]', 'words to look for; none lists all')
    .option('--first <number>', 'how many', wholeNumber, 10)
    .option('--after <cursor>', 'go on after this cursor')
    .option(
      '--filter <field=value>',
      'only those with this value: repository, subject, creator, license, year, resourceType; may be given again',
      collect,
    )
    .addOption(new Option('--sort <order>', 'order of the answer').choices(['relevance', 'id']).default('relevance'))
    .option('--facets', 'also how the matches fall into values')
    .action((words: string[], options, command: Command) =>
      search(session(command), words, options as Parameters<typeof search>[2]),
    );

  program
    .command('show')
    .description('everything that is known of one dataset')
    .argument('<id>', 'as search prints it')
    .option('--files <number>', 'how many files', wholeNumber, 20)
    .option('--records <number>', 'how many provenance records', wholeNumber, 10)
    .action((id: string, options, command: Command) =>
      show(session(command), id, options as Parameters<typeof show>[2]),
    );
}

function addKeeping(program: Command, { session }: Openers): void {
  program
    .command('submit')
    .description('make a dataset of files and folders, and keep it in the swarm')
    .argument('<paths...>', 'files, and folders whose files are taken with their paths below it')
    .option('--metadata <file>', 'YAML or JSON: title, description, creators, subjects, license, doi, …')
    .option('--title <text>', 'title')
    .option('--description <text>', 'description')
    .option('--creator <name>', 'Family, Given; may be given again', collect)
    .option('--subject <word>', 'keyword; may be given again', collect)
    .option('--license <spdx>', 'SPDX identifier, e.g. CC-BY-4.0')
    .option('--doi <doi>', 'DOI, without resolver')
    .option('--previous <id>', 'the dataset that this one corrects or follows')
    .option('--no-wait', 'do not wait until it is safe')
    .action((paths: string[], options, command: Command) =>
      submit(session(command), paths, options as Parameters<typeof submit>[2]),
    );

  program
    .command('mirror')
    .description('keep a dataset of any repository in the swarm, under its own id')
    .argument('<id>', 'as search prints it')
    .option('--no-wait', 'do not wait until it is there')
    .action((id: string, options, command: Command) =>
      mirror(session(command), id, options as Parameters<typeof mirror>[2]),
    );

  program
    .command('download')
    .description('fetch the files of a dataset, verified')
    .argument('<id>', 'as search prints it')
    .argument('[paths...]', 'only these files')
    .option('--out <dir>', 'where to put them', '.')
    .option('--bundle <file>', 'also save what an offline check needs')
    .option('--force', 'replace files that are there and differ')
    .action((id: string, paths: string[], options, command: Command) =>
      download(session(command), id, paths, options as Parameters<typeof download>[3]),
    );
}

function addProving(program: Command, { session, output }: Openers): void {
  program
    .command('prove')
    .description('save what an offline check of a dataset needs: signed manifest, records, proofs, keys')
    .argument('<id>', 'a dataset that the swarm holds')
    .requiredOption('--out <file>', 'the bundle')
    .action((id: string, options, command: Command) =>
      prove(session(command), id, options as Parameters<typeof prove>[2]),
    );

  program
    .command('verify')
    .description('check a saved bundle, and files against it, with no server')
    .argument('<bundle>', 'what sc prove saved')
    .option('--files <dir>', 'check these files too')
    .option('--log-key <key>', 'the log’s verifier key, known from elsewhere')
    .action((bundle: string, options, command: Command) =>
      verify(output(command), bundle, options as Parameters<typeof verify>[2]),
    );
}

function addTending(program: Command, { session, output }: Openers): void {
  program
    .command('status')
    .description('adapters, repositories, peers, swarm and log at a glance')
    .action((_options, command: Command) => status(session(command)));

  program
    .command('harvest')
    .description('read a repository into the index now')
    .argument('<repository>', 'its id')
    .option('--full', 'read everything again')
    .action((repository: string, options, command: Command) =>
      harvest(session(command), repository, options as Parameters<typeof harvest>[2]),
    );

  program
    .command('adapter')
    .description('for those who write an adapter')
    .command('check')
    .description('run the conformance suite against a server')
    .argument('<address>', 'host:port')
    .option('--repository <id>', 'only this repository of the server')
    .action(async (address: string, options: { repository?: string }, command: Command) => {
      const { adapterCheck } = await import('./commands/adapter-check.js');
      await adapterCheck(output(command), address, options);
    });

  program
    .command('completion')
    .description('print a completion script')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string, _options, command: Command) => {
      const script = completionScript(program, shell);
      output(command).result({ shell, script }, [script]);
    });
}
