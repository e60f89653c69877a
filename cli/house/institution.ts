import { join } from 'node:path';
import type { DirectoryInstitution } from '../../adapters/directory.js';
import { parseInstitutionId } from '../../core/ids.js';
import { readOrCreateSigningKey, type SigningKey } from '../../core/node-crypto.js';

/** An institution and the key that it signs with, kept below the data folder from the first start on. */
export interface SigningInstitution extends DirectoryInstitution {
  readonly signingKey: SigningKey;
}

export async function openInstitution(
  dataDir: string,
  id: string,
  name: string | undefined,
): Promise<SigningInstitution> {
  const signingKey = await readOrCreateSigningKey(join(dataDir, 'institutions', `${id}.pem`));
  return { id: parseInstitutionId(id), name: name ?? id, publicKey: signingKey.publicKey, signingKey };
}
