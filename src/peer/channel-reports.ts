import type { LossLedger } from './loss-ledger.ts'
import type { Notices } from './notices.ts'
import type { IncomingReports } from './protocol/incoming-channel.ts'
import type { OutgoingReports } from './protocol/outgoing-channel.ts'

/** What the channels of one link report to. */
export interface ChannelReports {
  readonly incoming: IncomingReports
  readonly outgoing: OutgoingReports
}

/** Counts what is lost in the link's ledger, and tells when a sink fails. */
export function channelReports(ledger: LossLedger, notices: Notices): ChannelReports {
  return {
    incoming: {
      lost: (channel, range, reason) => ledger.lostHere(channel, range, reason),
      sinkFailed(channel, reason) {
        const port = `${channel.node}.${channel.port}`
        notices.seldom(`sink ${port}`, 'error', `a message for "${port}" could not be taken: ${reason}`)
      },
    },
    outgoing: { lost: (channel, range, reason) => ledger.lostThere(channel, range, reason) },
  }
}
