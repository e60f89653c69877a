import { join } from 'node:path';
import type { DirectoryInstitution } from '../../adapters/directory.js';
import { parseInstitutionId } from '../../core/ids.js';
import { readOrCreateSigningKey, type SigningKey } from '../../core/node-crypto.js';

/** Where institutions' keys are kept: a folder that the parts of one institution share. */
export interface KeyPlace {
  readonly dataDir: string;
  /** `institutions` in the data folder when absent. */
  readonly keyDir?: string | undefined;
}

/** An institution and the key that it signs with, kept from the first start on. */
export interface SigningInstitution extends DirectoryInstitution {
  readonly signingKey: SigningKey;
}

export async function openInstitution(
  { dataDir, keyDir = join(dataDir, 'institutions') }: KeyPlace,
  id: string,
  name: string | undefined,
): Promise<SigningInstitution> {
  const signingKey = await readOrCreateSigningKey(join(keyDir, `${id}.pem`));
  return { id: parseInstitutionId(id), name: name ?? id, publicKey: signingKey.publicKey, signingKey };
}
