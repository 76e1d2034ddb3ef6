import type { DeliveryMode } from '../../src/shared/index.ts'
import type { OutgoingChannel } from '../../src/peer/protocol/outgoing-channel.ts'
import { SessionPair, type Side } from '../peer/protocol/session-pair.ts'
import { History } from './history.ts'
import { Random } from './random.ts'

interface Wire {
  readonly name: string
  readonly port: string
  readonly sender: OutgoingChannel
  readonly receiver: Side
  /** Messages of its sink that have been checked. */
  checked: number
}

/** A large message goes in three parts. */
const largeBytes = 300_000

/**
 * One schedule of two sessions over a link that is cut, slow and full now and again, with senders, sinks and acknowledgements at any
 * pace: all of it chosen by the seed, without sockets or clocks. Answers what went wrong, in words; nothing, when every promise was kept.
 */
export function simulate(seed: number): string[] {
  const random = new Random(seed)
  const history = new History()
  try {
    const pair = new SessionPair()
    const wires = openWires(pair, random, history)
    const steps = 20 + random.below(60)
    for (let step = 0; step < steps; step++) takeStep(pair, wires, random, history)
    pair.finish()
    for (const wire of wires) look(wire, history)
    return [...history.check(), ...checkRest(pair, wires)]
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

function openWires(pair: SessionPair, random: Random, history: History): Wire[] {
  const wires: Wire[] = []
  const count = 1 + random.below(3)
  for (let index = 0; index < count; index++) {
    const delivery: DeliveryMode = random.chance(0.7) ? 'reliable' : random.pick(['at-most-once', 'latest'])
    const port = `P${index}`
    const [from, to] = random.chance(0.5) ? [pair.left, pair.right] : [pair.right, pair.left]
    if (random.chance(0.5)) from.session.channels.openOutgoing(from.outgoing('n', port, delivery))
    else to.session.channels.openIncoming(to.incoming('n', port, delivery))
    pair.finish()
    const sender = [...from.session.channels.outgoing.values()].find((channel) => channel.port === port)
    if (!sender) throw new Error('a channel was not opened')
    history.wire(port, delivery)
    from.onLost(port, ({ from: first, to: last }) => history.lost(port, { from: first - 1, to: last - 1 }))
    wires.push({ name: port, port: `n.${port}`, sender, receiver: to, checked: 0 })
  }
  return wires
}

function takeStep(pair: SessionPair, wires: readonly Wire[], random: Random, history: History): void {
  const side = random.chance(0.5) ? pair.left : pair.right
  const roll = random.next()
  if (roll < 0.3) send(random.pick(wires), random, history)
  else if (roll < 0.55) pair.deliver(side, 1 + random.below(4))
  else if (roll < 0.75) side.settle()
  else if (roll < 0.8) for (const sink of side.sinks.values()) sink.slow = random.chance(0.5)
  else if (roll < 0.88) for (const sink of side.sinks.values()) sink.release()
  else if (roll < 0.93) {
    if (side.blocked) side.unblock()
    else side.blocked = true
  } else cut(pair, wires, random, history)
  for (const wire of wires) look(wire, history)
}

function cut(pair: SessionPair, wires: readonly Wire[], random: Random, history: History): void {
  const remembered = { left: pair.left.session.received, right: pair.right.session.received }
  // Some of what is under way still arrives before the cut is noticed.
  pair.deliver(pair.left, random.below(3))
  pair.deliver(pair.right, random.below(3))
  pair.cut()
  if (random.chance(0.3)) send(random.pick(wires), random, history)
  // What a side says of itself may be older than what its acknowledgements have told since; then what is not sent twice may be
  // thought lost, but a handshake that old is refused (see the acceptor), so only what is sent again must put up with it.
  const reliable = wires.every(({ sender }) => sender.delivery === 'reliable')
  pair.attach(reliable && random.chance(0.5) ? remembered : undefined)
}

function send({ name, sender }: Wire, random: Random, history: History): void {
  if (sender.queued > 200) return
  const large = random.chance(0.05)
  const count = large ? 1 + random.below(3) : 1 + random.below(random.chance(0.1) ? 700 : 30)
  for (let sent = 0; sent < count; sent++) {
    const number = history.sent(name)
    const padding = large ? 'x'.repeat(largeBytes) : ''
    if (sender.send({ n: number, padding })) return
  }
}

function look(wire: Wire, history: History): void {
  const taken = wire.receiver.sinks.get(wire.port)?.taken ?? []
  for (; wire.checked < taken.length; wire.checked++) history.taken(wire.name, (taken[wire.checked] as { n: number }).n)
}

/** Nothing is left that nobody will ever deal with. */
function checkRest(pair: SessionPair, wires: readonly Wire[]): string[] {
  const findings = wires.flatMap(({ name, sender: { unacknowledged, queued } }) => [
    ...(unacknowledged === 0 ? [] : [`${name}: ${unacknowledged} are never acknowledged`]),
    ...(queued === 0 ? [] : [`${name}: ${queued} wait for ever`]),
  ])
  const { left, right } = pair
  for (const side of [left, right]) {
    if (!side.session.drained) findings.push('a session keeps what has been received')
    if (side.lost > 0) findings.push(`${side.lost} that came are said to be lost`)
  }
  return findings
}
