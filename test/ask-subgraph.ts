/** The answer of a subgraph to one operation, asked as the gateway would ask it. */
export async function askSubgraph<Data>(
  part: { fetch(request: Request): Promise<Response> },
  query: string,
  variables: Record<string, unknown> = {},
): Promise<{
  data: Data;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; source?: string } }[];
}> {
  const response = await part.fetch(
    new Request('http://subgraph.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    }),
  );
  return (await response.json()) as Awaited<ReturnType<typeof askSubgraph<Data>>>;
}
