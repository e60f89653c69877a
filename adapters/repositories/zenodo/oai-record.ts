import { SciclomaticError } from '../../../core/errors.js';
import { createDatasetId, type RepositoryId } from '../../../core/ids.js';
import { type Creator, type DatasetRecord, parseDatasetRecord } from '../../../formats/dataset-record.js';
import { decodeEntities, plainFromHtml } from '../plain-text.js';
import { parseSpdxLicense } from '../spdx-license.js';
import { attributeOf, childOf, childrenOf, type OaiRecord, textOf, type XmlElement } from './oai-answer.js';
import { createLocalId, parseLocalId, parseOaiIdentifier } from './zenodo-id.js';
import { dropUndefined, parseDate, parseDoi, parseInstant, parseLanguage, parseOrcid } from './zenodo-values.js';

/** What a format gives; id, dates of change and pages come from the header. */
type Described = Omit<DatasetRecord, 'id' | 'updatedAt' | 'landingPageUrl' | 'files'>;

/**
 * The dataset in one OAI-PMH record, in `datacite` (DataCite kernel 4), `oai_datacite` or `oai_dc`. `files` is null:
 * none of these formats lists files.
 * @throws SOURCE_INVALID_ANSWER
 */
export function parseOaiRecord(repository: RepositoryId, homepageUrl: string, record: OaiRecord): DatasetRecord {
  const recordNumber = parseOaiIdentifier(record.identifier);
  const localId = createLocalId(recordNumber);
  const { metadata } = record;
  const wrapped = childOf(childOf(childOf(metadata, 'oai_datacite'), 'payload'), 'resource');
  const resource = childOf(metadata, 'resource') ?? wrapped;
  const dublinCore = childOf(metadata, 'dc');
  if (resource === undefined && dublinCore === undefined) {
    throw new SciclomaticError('SOURCE_INVALID_ANSWER', 'Metadata neither in datacite nor in oai_dc', {
      source: repository,
    });
  }
  const described = resource === undefined ? readDublinCore(dublinCore) : readDataCite(resource, repository, localId);
  return parseDatasetRecord(
    {
      id: createDatasetId(repository, localId),
      ...described,
      ...dropUndefined({ updatedAt: parseInstant(toInstant(record.datestamp)) }),
      landingPageUrl: `${homepageUrl}/records/${recordNumber}`,
      files: null,
    },
    repository,
  );
}

const toInstant = (datestamp: string): string => (datestamp.length === 10 ? `${datestamp}T00:00:00Z` : datestamp);

/** DataCite Metadata Schema 4. */
function readDataCite(resource: XmlElement, repository: RepositoryId, localId: string): Described {
  const titles = childrenOf(childOf(resource, 'titles'), 'title');
  const title = titles.find((one) => attributeOf(one, 'titleType') === undefined) ?? titles[0];
  const dates = childrenOf(childOf(resource, 'dates'), 'date');
  const issued = dates.find((date) => attributeOf(date, 'dateType') === 'Issued');
  const abstract = childrenOf(childOf(resource, 'descriptions'), 'description').find(
    (description) => attributeOf(description, 'descriptionType') === 'Abstract',
  );
  const doi = [...childrenOf(resource, 'identifier')].find((one) => attributeOf(one, 'identifierType') === 'DOI');
  return {
    title: plainFromHtml(textOf(title) ?? ''),
    creators: childrenOf(childOf(resource, 'creators'), 'creator').flatMap(readCreator),
    subjects: distinct(childrenOf(childOf(resource, 'subjects'), 'subject').map(textOf)),
    ...dropUndefined({
      description: plainDescription(textOf(abstract)),
      license: chooseLicense(
        childrenOf(childOf(resource, 'rightsList'), 'rights').flatMap((rights) => [
          attributeOf(rights, 'rightsIdentifier'),
          attributeOf(rights, 'rightsURI'),
          textOf(rights),
        ]),
      ),
      doi: parseDoi(textOf(doi)),
      publishedAt: parseDate(textOf(issued)) ?? parseDate(textOf(childOf(resource, 'publicationYear'))),
      version: textOf(childOf(resource, 'version')),
      language: parseLanguage(textOf(childOf(resource, 'language'))),
      resourceType: attributeOf(childOf(resource, 'resourceType'), 'resourceTypeGeneral'),
      previousVersion: findPreviousVersion(resource, repository, localId),
    }),
  };
}

function readCreator(creator: XmlElement): Creator[] {
  const name = textOf(childOf(creator, 'creatorName'));
  const orcid = childrenOf(creator, 'nameIdentifier').find(
    (identifier) => attributeOf(identifier, 'nameIdentifierScheme')?.toUpperCase() === 'ORCID',
  );
  const affiliation = distinct(childrenOf(creator, 'affiliation').map(textOf)).join('; ');
  return name === undefined
    ? []
    : [{ name, ...dropUndefined({ orcid: parseOrcid(textOf(orcid)), affiliation: affiliation || undefined }) }];
}

function findPreviousVersion(resource: XmlElement, repository: RepositoryId, localId: string): string | undefined {
  for (const related of childrenOf(childOf(resource, 'relatedIdentifiers'), 'relatedIdentifier')) {
    const isPrevious = attributeOf(related, 'relationType') === 'IsNewVersionOf';
    const doi = isPrevious ? parseDoi(textOf(related))?.toLowerCase() : undefined;
    if (doi !== undefined && doi !== localId && parseLocalId(doi) !== undefined)
      return createDatasetId(repository, doi);
  }
  return undefined;
}

/** Unqualified Dublin Core: everything is a repeatable text. */
function readDublinCore(dublinCore: XmlElement | undefined): Described {
  const texts = (name: string): string[] =>
    childrenOf(dublinCore, name)
      .map(textOf)
      .filter((text) => text !== undefined);
  return {
    title: plainFromHtml(texts('title')[0] ?? ''),
    creators: texts('creator').map((name) => ({ name })),
    subjects: distinct(texts('subject')),
    ...dropUndefined({
      description: plainDescription(texts('description')[0]),
      license: chooseLicense(texts('rights')),
      doi: texts('identifier')
        .map(parseDoi)
        .find((doi) => doi !== undefined),
      publishedAt: texts('date')
        .map(parseDate)
        .find((date) => date !== undefined),
      language: texts('language')
        .map(parseLanguage)
        .find((language) => language !== undefined),
    }),
  };
}

/** Zenodo escapes the HTML of its descriptions once more in oai_dc; `datacite` has the text already. */
function plainDescription(description: string | undefined): string | undefined {
  if (description === undefined) return undefined;
  const html = /&lt;\/?[a-z][^<>]*&gt;/i.test(description) ? decodeEntities(description) : description;
  return plainFromHtml(html) || undefined;
}

/** The first right that surely names a licence, else the first text that is more than an access level. */
function chooseLicense(rights: readonly (string | undefined)[]): string | undefined {
  const texts = distinct(rights).filter((right) => !right.startsWith('info:eu-repo/'));
  const identifier = texts.map(parseSpdxLicense).find((license) => license !== undefined);
  return identifier ?? texts.find((right) => !/^https?:/.test(right) && right.includes(' ')) ?? texts[0];
}

const distinct = (texts: readonly (string | undefined)[]): string[] =>
  [...new Set(texts.map((text) => text?.trim()).filter((text) => text !== undefined && text !== ''))] as string[];
