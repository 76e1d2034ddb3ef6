import { describe, expect, it } from 'vitest'
import { composeWorkspace, nodesOf, wireId, wiresOf } from '../../../src/graph/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'
import { graph, initial, wire } from '../fixtures.ts'

const data = graph({ collect: 'Source', clean: 'Pass' }, [wire('collect.Output', 'clean.In')], {
  name: 'ingest',
  namespace: 'data',
  version: '1.4.0',
})
const ml = graph({ learn: 'Sink' }, [initial('learn.Any', 1)], { name: 'learning', namespace: 'ml', version: '0.2.0' })
const offer = {
  rows: { interfaceId: 'rows', processName: 'clean', portName: 'Out', dataType: 'object', required: true },
}
const want = {
  rows: { interfaceId: 'rows', processName: 'learn', portName: 'Input', dataType: 'object', required: true },
}

function compose(graphs: Record<string, GraphExport>) {
  const files = Object.entries(graphs).map(([file, made]) => ({ file, graph: made }))
  const { graph: whole, members, findings } = composeWorkspace(files, { name: 'all' })
  return {
    whole,
    order: members.map(({ name }) => name),
    nodes: nodesOf(whole).map(({ id }) => id),
    wires: wiresOf(whole).map(({ from, to }) => wireId(from, to)),
    findings: findings.map(({ file, severity, code, pointer }) => `${file} ${severity} ${code} ${pointer}`),
  }
}

describe('composeWorkspace', () => {
  it('puts graphs beside each other, each under its namespace', () => {
    const { nodes, wires, findings, whole } = compose({ 'a.graph.json': data, 'b.graph.json': ml })
    expect(findings).toEqual([])
    expect(nodes).toEqual(['data/collect', 'data/clean', 'ml/learn'])
    expect(wires).toEqual(['data/collect.Output -> data/clean.In'])
    expect(whole.groups?.map(({ id }) => id)).toEqual(['data', 'ml'])
  })

  it('takes the folder for a namespace, or the name of the graph', () => {
    const { nodes } = compose({
      'far/away/x.graph.json': graph({ a: 'Pass' }, [], { name: 'x' }),
      'y.graph.json': graph({ a: 'Pass' }, [], { name: 'y' }),
    })
    expect(nodes).toEqual(['far/away/a', 'y/a'])
  })

  it('joins graphs by their external connections', () => {
    const from = { targetGraph: 'learning', fromProcess: 'clean', fromPort: 'Out', toProcess: 'learn', toPort: 'Input' }
    const { wires } = compose({ 'a.graph.json': { ...data, externalConnections: [from] }, 'b.graph.json': ml })
    expect(wires).toContain('data/clean.Out -> ml/learn.Input')
  })

  it('joins a required interface to the one that is provided', () => {
    const { wires, findings } = compose({
      'a.graph.json': { ...data, providedInterfaces: offer },
      'b.graph.json': { ...ml, requiredInterfaces: want },
    })
    expect(findings).toEqual([])
    expect(wires).toContain('data/clean.Out -> ml/learn.Input')
  })

  it('puts what a graph depends on before it, and asks it first for an interface', () => {
    const other = { ...data, properties: { ...data.properties, name: 'other', namespace: 'other' } }
    const user = {
      ...ml,
      requiredInterfaces: want,
      graphDependencies: [{ graphName: 'other', versionConstraint: '^1.2', required: true }],
    }
    const { order, wires, findings } = compose({
      'a.graph.json': user,
      'b.graph.json': { ...data, providedInterfaces: offer },
      'c.graph.json': { ...other, providedInterfaces: offer },
    })
    expect(findings).toEqual([])
    expect(order.indexOf('other')).toBeLessThan(order.indexOf('learning'))
    expect(wires).toContain('other/clean.Out -> ml/learn.Input')
    expect(wires).not.toContain('data/clean.Out -> ml/learn.Input')
  })

  it.each([
    [
      'a dependency that is missing',
      { graphDependencies: [{ graphName: 'ingst', required: true }] },
      'error DEPENDENCY_MISSING /graphDependencies/0',
    ],
    [
      'one that is not needed',
      { graphDependencies: [{ graphName: 'nowhere', required: false }] },
      'warning DEPENDENCY_MISSING /graphDependencies/0',
    ],
    [
      'another version',
      { graphDependencies: [{ graphName: 'ingest', versionConstraint: '^2.0.0' }] },
      'error DEPENDENCY_VERSION /graphDependencies/0',
    ],
    [
      'no range',
      { graphDependencies: [{ graphName: 'ingest', versionConstraint: 'newest' }] },
      'error DEPENDENCY_VERSION /graphDependencies/0',
    ],
    [
      'an interface that nobody provides',
      { requiredInterfaces: { rows: { ...want.rows, interfaceId: 'columns' } } },
      'error INTERFACE_UNSATISFIED /requiredInterfaces/rows',
    ],
    [
      'an interface of another kind',
      { requiredInterfaces: { rows: { ...want.rows, dataType: 'string' } } },
      'error KIND_MISMATCH /requiredInterfaces/rows',
    ],
    [
      'a connection to no graph',
      { externalConnections: [{ targetGraph: 'x', fromProcess: 'learn', fromPort: 'O', toProcess: 'y', toPort: 'I' }] },
      'error DEPENDENCY_MISSING /externalConnections/0/targetGraph',
    ],
    [
      'a connection to no node',
      {
        externalConnections: [
          { targetGraph: 'ingest', fromProcess: 'learn', fromPort: 'O', toProcess: 'y', toPort: 'I' },
        ],
      },
      'error NODE_UNKNOWN /externalConnections/0/toProcess',
    ],
    [
      'a connection that is none',
      { externalConnections: [{ targetGraph: 'ingest' }] },
      'error FILE_INVALID /externalConnections/0',
    ],
  ])('tells of %s', (_, change, finding) => {
    const { findings } = compose({
      'a.graph.json': { ...data, providedInterfaces: offer },
      'b.graph.json': { ...ml, ...change },
    })
    expect(findings).toEqual([`b.graph.json ${finding}`])
  })

  it('tells of graphs that depend on each other in a circle, and of nodes that are there twice', () => {
    const circle = (name: string, needs: string) =>
      graph({ a: 'Pass' }, [], { name, namespace: 'same', dependencies: [needs] })
    const { findings } = compose({ 'a.graph.json': circle('one', 'two'), 'b.graph.json': circle('two', 'one') })
    expect(findings).toEqual([
      'a.graph.json error DEPENDENCY_CYCLE /graphDependencies',
      'b.graph.json error NODE_DUPLICATE /processes/a',
    ])
  })

  it('guesses nothing when several graphs provide an interface', () => {
    const other = { ...data, properties: { name: 'other', namespace: 'other' }, providedInterfaces: offer }
    const { findings, wires } = compose({
      'a.graph.json': { ...data, providedInterfaces: offer },
      'b.graph.json': other,
      'c.graph.json': { ...ml, requiredInterfaces: want },
    })
    expect(findings).toEqual(['c.graph.json error INTERFACE_AMBIGUOUS /requiredInterfaces/rows'])
    expect(wires).toHaveLength(2)
  })
})
