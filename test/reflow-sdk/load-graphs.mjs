// Loads graphs in Reflow's SDK and writes them out again. A process of its own: what the SDK does not like can end it.
// In: lines of JSON {name, graph}. Out: a line {name, graph} as Reflow writes it, or {name, error}, for each as it is done.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { ReflowGraph } = createRequire(import.meta.url)('@offbit-ai/reflow-linux-x64-gnu')
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { name, graph } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ name, graph: ReflowGraph.fromJson(graph).toJson() }))
  } catch (error) {
    console.log(JSON.stringify({ name, error: String(error) }))
  }
}
