import type { ActorDescription, InstanceDescription } from '../../shared/index.ts'
import { fittingPort, type PortEnd } from './port-rules.ts'

/** Something that a node can be made of. */
export interface ActorChoice {
  component: string
  section: 'Sources' | 'Between' | 'Sinks' | 'Graphs' | 'Nodes of peers'
  description: string
  /** The port that would be wired, where a wire was dropped. */
  port?: string
}

/** All that a node of an instance can be made of, those that fit an end alone when one is given. */
export function actorChoices(
  actors: readonly ActorDescription[],
  peers: readonly ActorDescription[],
  end?: Pick<PortEnd, 'side' | 'kind'>,
  graphs: readonly ActorDescription[] = [],
): ActorChoice[] {
  return [...actors, ...graphs, ...peers].flatMap((actor): ActorChoice[] => {
    const port = end && fittingPort(actor, end)
    if (end && port === undefined) return []
    const section = peers.includes(actor) ? 'Nodes of peers' : graphs.includes(actor) ? 'Graphs' : sectionOf(actor)
    return [{ component: actor.name, section, description: actor.description, ...(port !== undefined && { port }) }]
  })
}

function sectionOf({ inports, outports }: ActorDescription): ActorChoice['section'] {
  if (Object.keys(inports).length === 0) return 'Sources'
  return Object.keys(outports).length === 0 ? 'Sinks' : 'Between'
}

/** What the nodes that other instances export would be here, described as actors: `metrics@data_instance`. */
export function exportedChoices(
  here: InstanceDescription,
  instances: readonly InstanceDescription[],
  describe: (component: string) => ActorDescription | undefined,
): ActorDescription[] {
  return instances.flatMap((peer) => {
    if (peer.networkId === here.networkId) return []
    return peer.exports.flatMap((id): ActorDescription[] => {
      const component = peer.nodes.find((node) => node.id === id)?.component
      const actor = component === undefined ? undefined : describe(component)
      return [
        {
          name: `${id}@${peer.networkId}`,
          description: `${component ?? 'a node'} of ${peer.networkId}`,
          inports: actor?.inports ?? {},
          outports: actor?.outports ?? {},
          config: {},
        },
      ]
    })
  })
}

/** How a graph file names another that lies beside, below or above it; both as paths from the same folder. */
export function pathBetween(user: string, file: string): string {
  const parts = (name: string) => {
    const steps: string[] = []
    for (const step of name.split('/')) {
      if (step === '..' && steps.length > 0 && steps.at(-1) !== '..') steps.pop()
      else if (step !== '.' && step !== '') steps.push(step)
    }
    return steps
  }
  const from = parts(user).slice(0, -1)
  const to = parts(file)
  let same = 0
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/')
}

/** An id for a new node of an actor, as graph files like it: `DistributedLogger` → `distributed_logger`. */
export function idFor(component: string): string {
  const name = component.replace(/@.*$/u, '').replace(/\.graph\.json$/u, '')
  const last = name.split(/[\\/]/u).at(-1) ?? name
  const snake = last.replace(/([a-z\d])([A-Z])/gu, '$1_$2').replace(/[^\p{L}\p{N}_]+/gu, '_')
  return snake.toLowerCase() || 'node'
}
