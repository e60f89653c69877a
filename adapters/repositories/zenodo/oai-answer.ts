import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SciclomaticError } from '../../../core/errors.js';

/** An element as the parser gives it: children by name without prefix, always lists; attributes as `@name`. */
export interface XmlElement {
  readonly [name: string]: readonly XmlElement[] | string | undefined;
}

export interface OaiRecord {
  readonly identifier: string;
  readonly datestamp: string;
  readonly deleted: boolean;
  /** What stands in `metadata`: one element by the name of the format; undefined for a deleted record. */
  readonly metadata: XmlElement | undefined;
}

export interface OaiAnswer {
  /** Server's time, as it writes it. */
  readonly responseDate: string;
  readonly errors: readonly { readonly code: string; readonly message: string }[];
  readonly records: readonly OaiRecord[];
  /** Undefined at the end of a list; an empty token also means the end. */
  readonly resumptionToken: string | undefined;
  /** Records in the whole list, where the source counts them. */
  readonly completeListSize: number | undefined;
  /** Of Identify. */
  readonly earliestDatestamp: string | undefined;
}

/**
 * Entities are decoded here and not by the parser, and a document type is refused: nothing that a source writes can
 * make an answer grow. Every child is a list, so that one record and many have the same shape.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  alwaysCreateTextNode: true,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
  tagValueProcessor: (_name, value) => decodeXml(value),
  attributeValueProcessor: (_name, value) => decodeXml(value),
});

const XML_ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** XML 1.0 §4.6: the five predefined entities and character references; others cannot occur without a document type. */
function decodeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/g, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return XML_ENTITIES[name] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
  });
}

/** CDATA as escaped text, so that what the parser hands on can be decoded in one way. */
function escapeCdata(xml: string): string {
  return xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, text: string) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  );
}

/** Children of that name, in order; empty when there are none. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  const children = element?.[name];
  return Array.isArray(children) ? (children as readonly XmlElement[]) : [];
}

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  childrenOf(element, name)[0];

/** The element's text; undefined when it has none. */
export function textOf(element: XmlElement | undefined): string | undefined {
  const text: unknown = element?.['#text'];
  return typeof text === 'string' && text !== '' ? text : undefined;
}

export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  const value = element?.[`@${name}`];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Parses one OAI-PMH 2.0 answer. @throws SOURCE_INVALID_ANSWER when it is not well-formed or no OAI-PMH */
export function parseOaiAnswer(xml: string, source: string): OaiAnswer {
  const root = childOf(parseXml(xml, source), 'OAI-PMH');
  const responseDate = textOf(childOf(root, 'responseDate'));
  if (root === undefined || responseDate === undefined) throw invalid('XML, but no OAI-PMH answer', source);
  const list = childOf(root, 'ListRecords') ?? childOf(root, 'GetRecord');
  const token = childOf(list, 'resumptionToken');
  const listSize = attributeOf(token, 'completeListSize') ?? '';
  const identify = childOf(root, 'Identify');
  return {
    responseDate,
    errors: childrenOf(root, 'error').map((error) => ({
      code: attributeOf(error, 'code') ?? 'unknown',
      message: textOf(error) ?? '',
    })),
    records: childrenOf(list, 'record').map((record) => parseRecord(record, source)),
    resumptionToken: textOf(token),
    completeListSize: /^\d{1,15}$/.test(listSize) ? Number(listSize) : undefined,
    earliestDatestamp: textOf(childOf(identify, 'earliestDatestamp')),
  };
}

function parseXml(xml: string, source: string): XmlElement {
  const start = xml.replace(/^\uFEFF/, '').trimStart();
  if (/^<(?:!doctype\s+html|html)\b/i.test(start)) throw invalid('A page for people where XML was promised', source);
  if (/<!DOCTYPE/i.test(start)) throw invalid('XML with a document type, which OAI-PMH does not have', source);
  const validity = XMLValidator.validate(start);
  if (validity !== true) throw invalid(`Not XML: ${validity.err.msg} (line ${validity.err.line})`, source);
  try {
    return parser.parse(escapeCdata(start)) as XmlElement;
  } catch (error) {
    throw invalid('Not XML', source, error);
  }
}

function parseRecord(record: XmlElement, source: string): OaiRecord {
  const header = childOf(record, 'header');
  const identifier = textOf(childOf(header, 'identifier'));
  const datestamp = textOf(childOf(header, 'datestamp'));
  if (identifier === undefined || datestamp === undefined || Number.isNaN(Date.parse(datestamp))) {
    throw invalid('A record without identifier and datestamp', source);
  }
  return {
    identifier,
    datestamp,
    deleted: attributeOf(header, 'status') === 'deleted',
    metadata: childOf(record, 'metadata'),
  };
}

function invalid(message: string, source: string, cause?: unknown): SciclomaticError {
  return new SciclomaticError('SOURCE_INVALID_ANSWER', message, { source, cause });
}
