/** Who may import whom. The table stands in the README; change it here and there together. */
const mayImport = {
  shared: [],
  runtime: ['shared'],
  graph: ['shared'],
  peer: ['shared'],
  actors: ['runtime', 'shared'],
  lab: ['runtime', 'graph', 'actors', 'peer', 'shared'],
  main: ['lab', 'graph', 'shared'],
  cli: ['lab', 'graph', 'shared'],
  preload: ['shared'],
  renderer: ['graph', 'shared'],
}

/** Folders whose code must run anywhere: no Node, no packages beyond those named. */
const mayUsePackages = {
  shared: 'valibot|@orpc/contract',
  runtime: '@standard-schema/spec',
  graph: 'valibot|jsonc-parser|fbp|semver',
}

const escape = (list) => list.join('|')

const layers = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `layer-${folder}`,
  comment: `${folder} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${escape([folder, ...allowed])})/` },
}))

const doors = Object.keys(mayImport).map((folder) => ({
  name: `enter-${folder}-by-index`,
  comment: `enter ${folder} by its index.ts`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${folder}/` },
  to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/index\\.ts$` },
}))

const packages = Object.entries(mayUsePackages).map(([folder, allowed]) => ({
  name: `packages-of-${folder}`,
  comment: `${folder} may use only ${allowed}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { dependencyTypesNot: ['local', 'type-only'], pathNot: [`^src/`, `node_modules/(${allowed})/`] },
}))

module.exports = {
  forbidden: [
    ...layers,
    ...doors,
    ...packages,
    {
      name: 'no-rings',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'electron-in-its-door-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|preload)/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'renderer-is-a-browser',
      severity: 'error',
      from: { path: '^src/renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'ws-in-few-files',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(peer/transport/websocket|lab/contract-websocket|actors/websocket-client)\\.ts$',
      },
      to: { path: 'node_modules/ws/' },
    },
    {
      name: 'all-packages-declared',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
