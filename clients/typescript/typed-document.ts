/**
 * One operation of the public API as text, carrying the types of its answer and its variables.
 * Those of `gen/operations.ts` are generated; one of your own is typed by hand the same way.
 */
export interface TypedDocument<Data, Variables> {
  readonly kind: 'query' | 'mutation';
  /** The operation's name, sent as `operationName`. */
  readonly name: string;
  /** GraphQL text of the operation and of every fragment that it uses. */
  readonly text: string;
  /** Never there at run time: ties the two types to the document for the compiler. */
  readonly types?: (variables: Variables) => Data;
}
