import { describeBottleneck, describeJam, describeLoad } from '../graph/index.ts'
import type { GraphAnalysis, NetworkLoad } from '../shared/index.ts'
import type { Colours } from './colours.ts'
import { visible } from './visible.ts'

const mostStages = 30
const mostNames = 8
const mostLoads = 10

/** Writes what the wiring of a graph means, under a heading of its own. */
export function formatAnalysis(heading: string, analysis: GraphAnalysis, colours: Colours): string[] {
  const { stages, parts, cycles, chains, criticalPath, ways, bottlenecks, reach } = analysis
  const widest = Math.max(0, ...stages.map((stage) => stage.length))
  const ms = criticalPath.ms === undefined ? '' : `, ${criticalPath.ms.toFixed(1)} ms a message`
  const section = (title: string, lines: string[]) => (lines.length > 0 ? ['', colours.bold(title), ...lines] : [])
  const shownStages = stages.slice(0, mostStages).map((stage, index) => `  ${index + 1}  ${names(stage, ', ')}`)
  return [
    colours.bold(visible(heading)),
    [
      count(analysis.nodes, 'node'),
      count(analysis.wires, 'wire'),
      count(parts.length, 'part'),
      count(cycles.length, 'cycle'),
    ].join(', '),
    ...section(`stages (at most ${count(widest, 'node')} at the same time)`, [
      ...shownStages,
      ...(stages.length > mostStages ? [`  … and ${stages.length - mostStages} more`] : []),
    ]),
    ...section(`critical path (${count(criticalPath.nodes.length, 'node')}${ms})`, [`  ${route(criticalPath.nodes)}`]),
    ...section(
      'what may hold up the rest',
      bottlenecks.map((found) => `  ${visible(describeBottleneck(found))}`),
    ),
    ...section(
      'cycles',
      cycles.map((cycle) => `  ${names(cycle, ', ')}`),
    ),
    ...section(
      'chains (as fast as their slowest node)',
      chains.map((chain) => `  ${route(chain)}`),
    ),
    ...section(
      `ways (${ways.count.toLocaleString('en')}${ways.count > ways.listed.length ? `, the first ${ways.listed.length}` : ''})`,
      ways.listed.map((way) => `  ${route(way)}`),
    ),
    ...(reach === undefined
      ? []
      : [
          ...section(`what leads to "${visible(reach.node)}"`, [`  ${names(reach.upstream, ', ') || 'nothing'}`]),
          ...section(`what "${visible(reach.node)}" leads to`, [`  ${names(reach.downstream, ', ') || 'nothing'}`]),
        ]),
  ]
}

/** Writes where the time goes in what runs, and who blocks whom. */
export function formatLoad({ overMs, nodes, jams }: NetworkLoad, colours: Colours): string[] {
  const busy = nodes.filter(({ perSecond, queued }) => perSecond > 0 || queued > 0).slice(0, mostLoads)
  return [
    '',
    colours.bold(`where the time of a message goes (the last ${(overMs / 1_000).toFixed(1)} s)`),
    ...(busy.length > 0 ? busy.map((load) => `  ${visible(describeLoad(load))}`) : ['  no message came']),
    '',
    colours.bold('who blocks whom'),
    ...(jams.length > 0 ? jams.map((jam) => `  ${visible(describeJam(jam))}`) : ['  nobody']),
  ]
}

function route(nodes: readonly string[]): string {
  return names(nodes, ' -> ', 12)
}

function names(nodes: readonly string[], between: string, most = mostNames): string {
  const shown = nodes.slice(0, most).map(visible)
  return [...shown, ...(nodes.length > most ? [`… ${nodes.length - most} more`] : [])].join(between)
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
