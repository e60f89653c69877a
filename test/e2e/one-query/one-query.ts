/** The query of the README: it crosses all five subgraphs. */
export const ONE_QUERY = `
  query IsItThereAndIsItSafe($text: String!) {
    searchDatasets(text: $text, first: 5) {
      totalCount
      sources { repository { id } state message }
      facets { field buckets { value count } }
      edges { cursor highlights { field fragments } node {
        id title creators { name } license doi publishedAt
        files(first: 10) { totalCount nodes { path sizeBytes checksums { algorithm value origin } downloads { protocol url } } }
        health { state copies { institution { id } state lastAuditedAt } missingCopies }
        provenance { records(first: 5) { nodes { activity agent recordedAt entryIndex proof } } }
      } }
    }
    adapters { nodes { id kind institution { id } state supports lastSeenAt } }
  }`;

export interface OneAnswer {
  readonly searchDatasets: {
    readonly totalCount: number;
    readonly sources: readonly {
      readonly repository: { readonly id: string };
      readonly state: string;
      readonly message: string | null;
    }[];
    readonly facets: readonly {
      readonly field: string;
      readonly buckets: readonly { readonly value: string; readonly count: number }[];
    }[];
    readonly edges: readonly {
      readonly cursor: string;
      readonly highlights: readonly { readonly field: string; readonly fragments: readonly string[] }[];
      readonly node: OneDataset;
    }[];
  };
  readonly adapters: {
    readonly nodes: readonly {
      readonly id: string;
      readonly kind: string;
      readonly state: string;
      readonly institution: { readonly id: string };
    }[];
  };
}

export interface OneDataset {
  readonly id: string;
  readonly title: string;
  readonly license: string;
  readonly publishedAt: string;
  readonly creators: readonly { readonly name: string }[];
  readonly files: {
    readonly totalCount: number;
    readonly nodes: readonly {
      readonly path: string;
      readonly sizeBytes: number;
      readonly checksums: readonly { readonly algorithm: string; readonly value: string; readonly origin: string }[];
      readonly downloads: readonly { readonly protocol: string; readonly url: string }[];
    }[];
  };
  readonly health: {
    readonly state: string;
    readonly missingCopies: number;
    readonly copies: readonly {
      readonly institution: { readonly id: string };
      readonly state: string;
      readonly lastAuditedAt: string;
    }[];
  };
  readonly provenance: {
    readonly records: {
      readonly nodes: readonly {
        readonly activity: string;
        readonly agent: string;
        readonly entryIndex: number;
        readonly proof: string;
      }[];
    };
  };
}

/** Where an answer has null, as paths without list positions: `searchDatasets.edges.node.doi`; each once, sorted. */
export function listNullPaths(value: unknown, path: readonly string[] = []): string[] {
  if (value === null) return [path.join('.')];
  if (typeof value !== 'object') return [];
  const below = Array.isArray(value)
    ? value.flatMap((item) => listNullPaths(item, path))
    : Object.entries(value).flatMap(([name, item]) => listNullPaths(item, [...path, name]));
  return [...new Set(below)].sort();
}
