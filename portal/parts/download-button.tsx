import { useState } from 'preact/hooks';

interface DownloadButtonProps {
  readonly label: string;
  readonly fileName: string;
  readonly mediaType: string;
  /** What to save. */
  readonly read: () => Promise<string>;
}

/** Fetches a text and saves it as a file. */
export function DownloadButton({ label, fileName, mediaType, read }: DownloadButtonProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const save = async (): Promise<void> => {
    setProblem(undefined);
    try {
      const url = URL.createObjectURL(new Blob([await read()], { type: mediaType }));
      const link = document.createElement('a');
      link.href = url;
      link.download = fileName;
      link.click();
      URL.revokeObjectURL(url);
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void save()}>
        {label}
      </button>
      {problem !== undefined && (
        <p class="notice tone-bad" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
