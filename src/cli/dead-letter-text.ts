import type { Lab } from '../lab/index.ts'
import { visible } from './visible.ts'

/** The longest reason that is shown, in characters. */
const longestReason = 200

interface Buried {
  who: string
  count: number
  kept: number
  first: { code: string; reason: string }
}

/** Writes one line for every node of a run that could not take or process messages: how many, and why the first. */
export function formatDeadLetters(lab: Pick<Lab, 'deadLetters' | 'metrics'>): string[] {
  return buriedIn(lab).map(({ who, count, kept, first }) => {
    const which = count > kept ? 'the oldest kept' : 'the first'
    const reason = first.reason.length > longestReason ? `${first.reason.slice(0, longestReason)}…` : first.reason
    const letters = count === 1 ? '1 dead letter: ' : `${count} dead letters, ${which}: `
    return `${visible(who)}: ${letters}${visible(reason)} [${visible(first.code)}]`
  })
}

function buriedIn(lab: Pick<Lab, 'deadLetters' | 'metrics'>): Buried[] {
  const counts = new Map(
    lab.metrics().flatMap(({ instance, nodes }) => nodes.map((node) => [`${instance} ${node.id}`, node.deadLetters])),
  )
  const found = new Map<string, Buried>()
  for (const { instance, letter } of lab.deadLetters()) {
    const who = `${instance} ${letter.node}`
    const earlier = found.get(who)
    const kept = (earlier?.kept ?? 0) + 1
    // The lab keeps only the newest letters; the node has counted all of them.
    found.set(who, { who, kept, count: Math.max(kept, counts.get(who) ?? 0), first: earlier?.first ?? letter })
  }
  return [...found.values()]
}
