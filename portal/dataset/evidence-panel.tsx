import { useState } from 'preact/hooks';
import type { ClientError } from '../../clients/typescript/client.js';
import type { BundleReport } from '../../formats/bundle.js';
import { formatCount, formatQuantity } from '../format.js';
import { CopyButton } from '../parts/copy-button.js';
import { DownloadButton } from '../parts/download-button.js';
import { describeProblem } from '../parts/problem.js';
import { StateBadge } from '../parts/state-badge.js';
import { toClientError, useClient } from '../use-query.js';

interface Verification {
  readonly report: BundleReport;
  readonly logKey: string;
}

/**
 * The proof of a dataset in the reader's hands: saved as a bundle for `sc verify`, or checked here and now by this page,
 * which trusts no word of the server. What that takes is loaded when it is asked for.
 */
export function EvidencePanel({ id }: { readonly id: string }) {
  const client = useClient();
  const [isRunning, setRunning] = useState(false);
  const [verification, setVerification] = useState<Verification | undefined>(undefined);
  const [failure, setFailure] = useState<ClientError | undefined>(undefined);

  const readText = async (): Promise<string> => {
    const [{ readBundle }, { formatBundle }] = await Promise.all([
      import('../../clients/typescript/read-bundle.js'),
      import('../../formats/bundle.js'),
    ]);
    return formatBundle(await readBundle(client, id));
  };
  const verify = async (): Promise<void> => {
    setRunning(true);
    setFailure(undefined);
    try {
      const [{ readBundle }, { checkBundle }, { nobleCrypto }] = await Promise.all([
        import('../../clients/typescript/read-bundle.js'),
        import('../../formats/bundle.js'),
        import('../../formats/noble-crypto.js'),
      ]);
      const bundle = await readBundle(client, id);
      setVerification({ report: checkBundle(bundle, nobleCrypto), logKey: bundle.logVerifierKey });
    } catch (thrown) {
      setVerification(undefined);
      setFailure(toClientError(thrown));
    }
    setRunning(false);
  };

  return (
    <div class="evidence">
      <p class="buttons">
        <button type="button" disabled={isRunning} onClick={() => void verify()}>
          {isRunning ? 'Verifying…' : 'Verify in this browser'}
        </button>
        <DownloadButton
          label="Download bundle"
          fileName={`${id.replace(/[^a-zA-Z0-9.-]+/g, '_').slice(0, 100)}.bundle.json`}
          mediaType="application/json"
          read={readText}
        />
      </p>
      <p class="quiet">
        A bundle holds the signed manifest, the records of this dataset with their proofs, and the keys; harvests are
        about the whole repository and left out. <code>sc verify</code> checks it offline, files included.
      </p>
      <div aria-live="polite">
        {verification !== undefined && <Report {...verification} />}
        {failure !== undefined && <p class="notice tone-bad">{describeProblem(failure)}</p>}
      </div>
    </div>
  );
}

function Report({ report, logKey }: Verification) {
  const failed = report.checks.filter(({ error }) => error !== null);
  return (
    <div class={`notice tone-${failed.length === 0 ? 'good' : 'bad'}`}>
      <p>
        <StateBadge
          state={failed.length === 0 ? { word: 'Verified', tone: 'good' } : { word: 'Not verified', tone: 'bad' }}
        />{' '}
        {failed.length === 0
          ? `The manifest’s signature, and signature and proof of ${formatQuantity(report.records.length, 'record')}.`
          : `${formatCount(failed.length)} of ${formatQuantity(report.checks.length, 'check')} failed.`}
      </p>
      {failed.length > 0 && (
        <ul>
          {failed.map(({ item, error }) => (
            <li key={item}>
              <strong>{item}</strong>: {error?.message} <code>{error?.code}</code>
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">
        The log’s key came from this server: compare it with one that you know from elsewhere.{' '}
        <code class="id">{logKey}</code> <CopyButton text={logKey} label="Copy key" />
      </p>
    </div>
  );
}
