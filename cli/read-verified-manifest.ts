import { SciclomaticError } from '../core/errors.js';
import { nodeCrypto } from '../core/node-crypto.js';
import { type Bundle, checkBundle } from '../formats/bundle.js';
import type { Manifest } from '../formats/manifest.js';

/** The manifest of a bundle, its signature verified. @throws SIGNATURE_INVALID */
export function readVerifiedManifest(bundle: Bundle): Manifest {
  const { manifest, checks } = checkBundle(bundle, nodeCrypto);
  if (manifest) return manifest.content;
  throw (
    checks.find(({ item, error }) => item === 'manifest' && error)?.error ??
    new SciclomaticError('SIGNATURE_INVALID', 'The manifest does not verify')
  );
}
