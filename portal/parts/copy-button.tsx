import { useEffect, useState } from 'preact/hooks';

interface CopyButtonProps {
  /** What to copy, or how to get it. */
  readonly text: string | (() => Promise<string>);
  readonly label: string;
  /** For readers that do not see what the button stands beside. */
  readonly description?: string;
}

/** How long the button says what came of it. */
const OUTCOME_MS = 2500;

/** Copies a text and says whether that worked. */
export function CopyButton({ text, label, description }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (outcome === undefined) return undefined;
    const timer = window.setTimeout(() => setOutcome(undefined), OUTCOME_MS);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    try {
      await writeClipboard(typeof text === 'string' ? text : await text());
      setOutcome('Copied');
    } catch {
      setOutcome('Not copied');
    }
  };
  return (
    <button type="button" class="quiet-button" onClick={() => void copy()} aria-label={description}>
      <span aria-live="polite">{outcome ?? label}</span>
    </button>
  );
}

/** The clipboard belongs to secure pages only; over plain HTTP from another machine a selection is copied instead. */
async function writeClipboard(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (!isCopied) throw new Error('The browser did not copy');
}
