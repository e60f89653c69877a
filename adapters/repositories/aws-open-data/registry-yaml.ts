import { type Document, parseDocument, type YAMLError } from 'yaml';
import { SciclomaticError } from '../../../core/errors.js';

/** Quoted texts that are mended in one file at most; more is not a file of the registry. */
const MAX_REPAIRS = 50;
/** Aliases expanded at most: a few bytes of YAML can otherwise stand for gigabytes. The registry uses none. */
const MAX_ALIAS_COUNT = 100;
/** Deeper than any parent that a quoted text of the registry has. */
const CONTINUATION_INDENT = ' '.repeat(40);

/**
 * The value of a registry file. The registry's own tools (PyYAML) let the lines of a quoted text begin further left
 * than YAML 1.2 §7.3 allows, and some published files depend on it; such lines are indented before the file is
 * parsed again, which does not change the text, because folding drops indentation.
 * @throws SOURCE_INVALID_ANSWER with the place of the first error
 */
export function parseRegistryYaml(text: string): unknown {
  let repaired = text.replace(/^\uFEFF/, '');
  let document = parse(repaired);
  const firstError = document.errors[0];
  for (let repairs = 0; document.errors.length > 0; repairs += 1) {
    const next = repairs < MAX_REPAIRS ? indentQuotedText(repaired, document.errors) : undefined;
    if (next === undefined) throw invalid(firstError);
    repaired = next;
    document = parse(repaired);
  }
  try {
    return document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
  } catch (error) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', 'Not usable YAML: too many aliases', { cause: error });
  }
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: true, logLevel: 'silent' });
}

/** Indents the rest of the first quoted text that ended too early; undefined when no error is of that kind. */
function indentQuotedText(text: string, errors: readonly YAMLError[]): string | undefined {
  const error = errors.find((one) => one.code === 'MISSING_CHAR' && /^Missing closing ["']quote/.test(one.message));
  if (error === undefined) return undefined;
  const start = error.pos[0];
  const rest = text.slice(start);
  const closing = error.message.startsWith('Missing closing "') ? /^(?:[^"\\]|\\[\s\S])*"/ : /^(?:[^']|'')*'/;
  const tail = closing.exec(rest)?.[0];
  if (tail === undefined) return undefined;
  const indented = tail.replace(/\n(?=[^\n\r])/g, `\n${CONTINUATION_INDENT}`);
  return indented === tail ? undefined : text.slice(0, start) + indented + rest.slice(tail.length);
}

function invalid(error: YAMLError | undefined): SciclomaticError {
  const firstLine = error?.message.split('\n')[0]?.replace(/:$/, '') ?? 'unknown error';
  return new SciclomaticError('SOURCE_INVALID_ANSWER', `Not YAML: ${firstLine}`, { cause: error });
}
