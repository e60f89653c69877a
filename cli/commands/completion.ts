import type { Command } from 'commander';
import { SciclomaticError } from '../../core/errors.js';

/** A completion script for the shell: verbs, sub-verbs and long options, read from the program itself. */
export function completionScript(program: Command, shell: string): string {
  const verbs = program.commands.filter((command) => command.name() !== 'help');
  const optionsOf = (command: Command) =>
    [...command.options, ...program.options].flatMap(({ long }) => (long ? [long] : [])).join(' ');
  const wordsOf = (command: Command) =>
    [...command.commands.map((sub) => sub.name()), optionsOf(command)].join(' ').trim();
  const names = verbs.map((verb) => verb.name()).join(' ');
  switch (shell) {
    case 'bash':
      return [
        '_sc() {',
        '  local word="${COMP_WORDS[COMP_CWORD]}"',
        `  local words="${names}"`,
        '  if [ "$COMP_CWORD" -gt 1 ]; then',
        '    case "${COMP_WORDS[1]}" in',
        ...verbs.map((verb) => `      ${verb.name()}) words="${wordsOf(verb)}" ;;`),
        '    esac',
        '  fi',
        '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
        '  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))',
        '}',
        'complete -F _sc sc',
        '',
      ].join('\n');
    case 'zsh':
      return ['#compdef sc', 'autoload -U +X bashcompinit && bashcompinit', completionScript(program, 'bash')].join(
        '\n',
      );
    case 'fish':
      return [
        ...verbs.map(
          (verb) =>
            `complete -c sc -f -n __fish_use_subcommand -a ${verb.name()} -d ${JSON.stringify(verb.description())}`,
        ),
        ...verbs.flatMap((verb) =>
          verb.options.flatMap(({ long, description }) =>
            long
              ? [
                  `complete -c sc -n '__fish_seen_subcommand_from ${verb.name()}' -l ${long.slice(2)} -d ${JSON.stringify(description)}`,
                ]
              : [],
          ),
        ),
        '',
      ].join('\n');
    default:
      throw new SciclomaticError(
        'BAD_INPUT',
        `Completion is written for bash, zsh and fish; not ${JSON.stringify(shell)}`,
      );
  }
}
