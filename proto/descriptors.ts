import { readFileSync } from 'node:fs';

/** The serialized FileDescriptorSet of every service of the house, for server reflection. */
export function readDescriptors(): Uint8Array {
  return readFileSync(new URL('./gen/descriptors.binpb', import.meta.url));
}
