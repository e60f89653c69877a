import { join } from 'node:path';
import type { Directory } from '../../adapters/directory.js';
import { createAwsOpenDataRepository } from '../../adapters/repositories/aws-open-data/aws-open-data-repository.js';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createSampleRepository } from '../../adapters/repositories/sample/adapter.js';
import { createSwarmRepository } from '../../adapters/repositories/swarm/adapter.js';
import { createZenodoRepository } from '../../adapters/repositories/zenodo/zenodo-repository.js';
import { SciclomaticError } from '../../core/errors.js';
import type { Source } from './settings.js';

export interface RepositoryPlace {
  readonly dataDir: string;
  /** Needed by `swarm` only. */
  readonly directory: Directory;
  /** Access token, needed by `zenodo` only. */
  readonly zenodoToken?: string | undefined;
}

/** The adapter that a source of the configuration names. @throws CONFIG_INVALID */
export function createRepository(source: Source, place: RepositoryPlace): RepositoryAdapter {
  switch (source.adapter) {
    case 'sample':
      return createSampleRepository({ dir: join(place.dataDir, 'sample'), id: source.id });
    case 'swarm':
      return createSwarmRepository({ directory: place.directory });
    case 'aws-open-data':
      if (source.folder !== undefined)
        return createAwsOpenDataRepository({ id: source.id, source: { kind: 'folder', dir: source.folder } });
      if (source.url !== undefined)
        return createAwsOpenDataRepository({ id: source.id, source: { kind: 'tarball', url: source.url } });
      throw new SciclomaticError('CONFIG_INVALID', 'aws-open-data needs folder (of YAML files) or url (of a .tar.gz)');
    case 'zenodo': {
      const { adapter: _adapter, ...options } = source;
      return createZenodoRepository({ ...options, token: place.zenodoToken });
    }
  }
}
