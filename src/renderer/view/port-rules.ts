import { kindFits, messageTags, type ActorDescription, type MessageKind, type WireEnd } from '../../shared/index.ts'

/** A port as the rules see it. */
export interface PortEnd extends WireEnd {
  instance: string
  side: 'in' | 'out'
  kind: string
}

/** What is known of an instance when one of its ports is to be wired. */
export interface WiredInstance {
  wires: readonly { from: WireEnd; to: WireEnd }[]
}

/** Why two ports cannot be joined by a wire, in words that name the rule; `undefined` when they can. */
export function wireRefusal(one: PortEnd, other: PortEnd, { wires }: WiredInstance): string | undefined {
  if (one.instance !== other.instance)
    return 'a wire stays inside its instance; add the node of the peer to this graph and wire that'
  if (one.side === other.side)
    return one.side === 'out' ? 'two outports: a wire ends at an inport' : 'two inports: a wire begins at an outport'
  const [from, to] = one.side === 'out' ? [one, other] : [other, one]
  if (!kindsFit(from.kind, to.kind)) return `messages of kind ${from.kind} do not fit a port of kind ${to.kind}`
  const isThere = wires.some(
    (wire) =>
      wire.from.node === from.node &&
      wire.from.port === from.port &&
      wire.to.node === to.node &&
      wire.to.port === to.port,
  )
  return isThere ? 'they are wired already' : undefined
}

/** The port of an actor that fits an end best: one of the very kind before one that takes anything; `undefined` when none does. */
export function fittingPort(actor: ActorDescription, end: Pick<PortEnd, 'side' | 'kind'>): string | undefined {
  const ports = Object.entries(end.side === 'out' ? actor.inports : actor.outports)
  const fits = ports.filter(([, { kind }]) =>
    end.side === 'out' ? kindsFit(end.kind, kind) : kindsFit(kind, end.kind),
  )
  return (fits.find(([, { kind }]) => kind === end.kind) ?? fits[0])?.[0]
}

function kindsFit(from: string, to: string): boolean {
  // A kind that this window does not know is left for the lab to judge.
  return !isKind(from) || !isKind(to) || kindFits(from, to)
}

function isKind(text: string): text is MessageKind {
  return Object.hasOwn(messageTags, text)
}
