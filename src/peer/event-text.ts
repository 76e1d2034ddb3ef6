import { peerLabel, type LinkEvent } from './engine.ts'

/** How the log says that a link is up. */
export function upText({ peer, address, direction, resumed, secure, key }: LinkEvent & { type: 'linkUp' }): string {
  const how = direction === 'dialled' ? `dialled at ${address}` : `from ${address}`
  return `linked with ${peerLabel(peer)}, ${how}${resumed ? ', going on where it was cut' : ''}${key === undefined ? '' : `, by key "${key}"`}${secure ? '' : ', not secured'}`
}

/** How the log says what may be lost. */
export function uncertainText({
  peer,
  node,
  port,
  count,
  from,
  to,
}: LinkEvent & { type: 'messagesUncertain' }): string {
  return `${peerLabel(peer)} was started anew: ${count} messages that it had received for "${node}.${port}" (numbers ${from} to ${to}) may have been lost with its last process, before an actor had them`
}

/** How the log says what is lost, in exact ranges. */
export function lostText({
  peer,
  direction,
  node,
  port,
  count,
  from,
  to,
  reason,
}: LinkEvent & { type: 'messagesLost' }): string {
  const way = direction === 'out' ? 'to' : 'from'
  return `${count} messages ${way} ${peerLabel(peer)} "${node}.${port}" are lost (numbers ${from} to ${to}): ${reason}`
}
