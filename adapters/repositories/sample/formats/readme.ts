import type { SampleFile, SampleProcess } from '../sample-process.js';

/** A page for people beside the data: what it is, with which parameters, what each file holds. */
export function createReadmeFile(about: SampleProcess, files: readonly SampleFile[], generator: string): SampleFile {
  const parameters = Object.entries(about.parameters).map(([name, value]) => `| ${name} | ${value} |\n`);
  const contents = files.map((file) => `- \`${file.path}\`: ${file.description}\n`);
  const text = `# ${about.title}

${about.description}

| parameter | value |
|---|---|
${parameters.join('')}
Files:

${contents.join('')}
Computed by ${generator}. Dedicated to the public domain under CC0 1.0.
`;
  return {
    path: 'README.md',
    mediaType: 'text/markdown',
    description: 'this page',
    bytes: new TextEncoder().encode(text),
  };
}
