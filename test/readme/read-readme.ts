import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');

/** Contents of the README's code blocks of a language, in order. */
export function listBlocks(language: string): string[] {
  return [...README.matchAll(/^```(\S*)\n(.*?)^```$/gms)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );
}

/** The arguments of every `npx sc …` of the README, as a shell would part them. */
export function listCommands(): string[][] {
  return [...README.matchAll(/(?:^\$ |`)npx sc ([^`\n]+)/gm)].map(([, text = '']) => splitWords(text));
}

/** A command of the README and the lines that stand below it. */
export interface ShownCommand {
  readonly words: readonly string[];
  readonly lines: readonly string[];
}

/** The commands of the blocks that show a terminal, in order. */
export function listShownCommands(): ShownCommand[] {
  return listBlocks('console').flatMap((block) =>
    block
      .split(/^\$ npx sc /m)
      .slice(1)
      .map((text) => {
        const [command = '', ...lines] = text.trimEnd().split('\n');
        return { words: splitWords(command), lines };
      }),
  );
}

/** Names of the scripts that the README runs with npm. */
export function listScripts(): string[] {
  const names = [...README.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name = '']) => name);
  return [...new Set(names)].filter((name) => name !== 'ci');
}

/** Relative links of the README, without fragments. */
export function listLinks(): string[] {
  return [...README.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
}

/** Words between blanks; double quotes keep blanks. */
function splitWords(text: string): string[] {
  return [...text.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
