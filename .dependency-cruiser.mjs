/** The arrows of the house (docs/architecture.md): who may import whom. */
const folder = (...names) => `^(${names.join('|')})/`;
const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: folder(from), pathNot: '\\.(test|real)\\.ts$' },
  to: {
    path: folder(
      'core',
      'formats',
      'proto',
      'adapters',
      'subgraphs',
      'gateway',
      'portal',
      'clients',
      'cli',
      'load-tests',
      'test',
      'scripts',
    ),
    pathNot: folder(from, ...allowed),
  },
});

export default {
  forbidden: [
    only('core-imports-nothing', 'core', [], 'core is what every process needs; it knows no domain'),
    only('formats-imports-core', 'formats', ['core'], 'formats is pure: what anyone needs to check us'),
    only(
      'adapters-below-subgraphs',
      'adapters',
      ['core', 'formats', 'proto'],
      'an adapter knows contracts and formats, never a subgraph',
    ),
    only(
      'subgraphs-below-cli',
      'subgraphs',
      ['core', 'formats', 'proto', 'adapters'],
      'subgraphs meet the gateway in SDL and HTTP only',
    ),
    only('gateway-knows-no-domain', 'gateway', ['core'], 'the gateway knows no domain rule'),
    only('portal-uses-the-client', 'portal', ['clients', 'formats'], 'the portal is a user of the public API'),
    only('clients-stand-alone', 'clients', ['formats'], 'a client imports nothing of the server'),
    only(
      'load-tests-measure-users',
      'load-tests',
      ['clients', 'core', 'formats', 'adapters', 'gateway', 'subgraphs', 'proto', 'cli'],
      'load tests start what they measure',
    ),
    {
      name: 'no-sibling-subgraphs',
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/' },
      to: { path: '^subgraphs/[^/]+/', pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'no-sibling-adapters',
      severity: 'error',
      comment: 'an adapter folder may import its kind’s contract and conformance, never another adapter',
      from: { path: '^adapters/([^/]+)/([^/]+)/', pathNot: '\\.(test|real)\\.ts$' },
      to: { path: '^adapters/[^/]+/[^/]+/', pathNot: '^adapters/$1/($2|conformance)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '(^test/|\\.(test|real)\\.ts$)' },
      to: { path: '(^test/|\\.(test|real)\\.ts$)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'generated resolver types name the context whose loaders use them: a cycle of types, and the only kind allowed',
      from: {},
      to: { circular: true, viaOnly: { pathNot: '^subgraphs/[^/]+/gen/' } },
    },
    {
      name: 'browser-safe',
      severity: 'error',
      comment: 'formats runs in a browser: no Node built-ins',
      from: { path: '^(formats|portal)/', pathNot: '\\.(test|real)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-dev-dependency-in-production',
      severity: 'error',
      from: {
        path: folder('core', 'formats', 'adapters', 'subgraphs', 'gateway', 'cli'),
        pathNot: '\\.(test|real)\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|data|load-tests/rivals)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
