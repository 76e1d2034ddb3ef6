import { analyseGraph, analyseLoad } from '../graph/index.ts'
import type { ContractImplementer } from './contract-implementer.ts'
import { describeInnerGraphs } from './graph-files.ts'
import type { Lab } from './lab.ts'

/** The part of the contract that edits, compares, applies and saves graphs. */
export function graphRouter({ graphs: os }: ContractImplementer, lab: Pick<Lab, 'graphs' | 'catalogue' | 'looksAt'>) {
  const { graphs } = lab
  return {
    list: os.list.handler(() => graphs.list()),
    get: os.get.handler(({ input }) => {
      const { summary, value, file, insides } = graphs.get(input.graph)
      const inner = describeInnerGraphs(value, file, lab.catalogue, graphs.readAt)
      return { summary, value: { ...value }, inner, insides }
    }),
    text: os.text.handler(({ input }) => ({ text: graphs.text(input.graph) })),
    edit: os.edit.handler(({ input: { graph, commands, ...options } }) => graphs.edit(graph, commands, options)),
    makeSubgraph: os.makeSubgraph.handler(({ input: { graph, ...request } }) => graphs.makeSubgraph(graph, request)),
    dissolveSubgraph: os.dissolveSubgraph.handler(({ input: { graph, ...request } }) =>
      graphs.dissolveSubgraph(graph, request),
    ),
    undo: os.undo.handler(({ input }) => graphs.undo(input.graph)),
    redo: os.redo.handler(({ input }) => graphs.redo(input.graph)),
    save: os.save.handler(({ input: { graph, overwrite } }) => graphs.save(graph, { overwrite })),
    reload: os.reload.handler(({ input }) => graphs.reload(input.graph)),
    discard: os.discard.handler(({ input }) => graphs.discard(input.graph)),
    differences: os.differences.handler(({ input }) => graphs.differences(input.graph, input.against)),
    apply: os.apply.handler(({ input }) => graphs.apply(input.graph, input.instance)),
    analyse: os.analyse.handler(({ input: { graph, ...request } }) => {
      const { summary, value } = graphs.get(graph)
      const running = summary.instances.flatMap((instance) => {
        const looks = lab.looksAt(instance)
        return looks === undefined ? [] : [{ instance, load: analyseLoad(looks.before, looks.now) }]
      })
      return { analysis: analyseGraph(value, request), running }
    }),
    setLive: os.setLive.handler(async ({ input }) => {
      await graphs.setLive(input.graph, input.live)
      return {}
    }),
  }
}
