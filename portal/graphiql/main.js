// Plain JavaScript: it is a dozen lines over React, whose types the house has no other use for.
import { GraphiQL } from 'graphiql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './graphiql.css';

const EXAMPLE = `# Every field is described: hover over it,
# or open the documentation on the left.
query Search {
  searchDatasets(text: "attractor", first: 5) {
    totalCount
    sources { repository { id } state }
    edges { node { id title health { state } } }
  }
}
`;

async function fetcher(parameters) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' },
    body: JSON.stringify(parameters),
  });
  return await response.json();
}

// In place of a link to the makers of GraphiQL: nothing else on this page leads back to the portal.
const back = createElement(
  GraphiQL.Logo,
  null,
  createElement('a', { className: 'graphiql-logo-link', href: '/' }, '← Sciclomatic'),
);

createRoot(document.getElementById('graphiql')).render(
  createElement(GraphiQL, { fetcher, defaultQuery: EXAMPLE }, back),
);
