import { mimes } from 'hono/utils/mime';

/** What science keeps data in and the web's own table lacks; registered with IANA, or else what is customary. */
const SCIENTIFIC: Readonly<Record<string, string>> = {
  '7z': 'application/x-7z-compressed',
  arrow: 'application/vnd.apache.arrow.file',
  bib: 'application/x-bibtex',
  bz2: 'application/x-bzip2',
  cif: 'chemical/x-cif',
  dcm: 'application/dicom',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  fits: 'application/fits',
  flac: 'audio/flac',
  geojson: 'application/geo+json',
  h5: 'application/x-hdf5',
  hdf5: 'application/x-hdf5',
  ipynb: 'application/x-ipynb+json',
  jsonl: 'application/x-ndjson',
  kml: 'application/vnd.google-earth.kml+xml',
  log: 'text/plain',
  md: 'text/markdown',
  nc: 'application/x-netcdf',
  ndjson: 'application/x-ndjson',
  npy: 'application/x-npy',
  odp: 'application/vnd.oasis.opendocument.presentation',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odt: 'application/vnd.oasis.opendocument.text',
  parquet: 'application/vnd.apache.parquet',
  pdb: 'chemical/x-pdb',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  py: 'text/x-python',
  sqlite: 'application/vnd.sqlite3',
  tar: 'application/x-tar',
  tex: 'application/x-tex',
  tgz: 'application/gzip',
  tsv: 'text/tab-separated-values',
  wav: 'audio/wav',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xz: 'application/x-xz',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  zst: 'application/zstd',
};

const TYPES: ReadonlyMap<string, string> = new Map(Object.entries({ ...mimes, ...SCIENTIFIC }));

/**
 * The media type that a file's extension stands for, without parameters: in which character set a text is, its name does
 * not say. Undefined when the extension says nothing.
 */
export function guessMediaType(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  // A name that is all extension, as .csv, has none.
  return dot > 0 ? TYPES.get(name.slice(dot + 1).toLowerCase())?.split(';', 1)[0] : undefined;
}
