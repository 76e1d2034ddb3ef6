import type { LinkSnapshot } from '../../shared/index.ts'
import { linkKey, type Rates } from './rates.ts'

/** A link as a row of the table. */
export interface LinkRow {
  key: string
  instance: string
  link: LinkSnapshot
  rate: { sent: number; received: number }
}

/** What it means that a link is secure, or is not. */
export function secureHint(secure: boolean): string {
  return secure
    ? 'Secure: both sides have proved a token, and it is encrypted or does not leave this machine'
    : 'Not secure: no token was proved, or others on the network can read along'
}

/** Every link of every instance, in the order of the instances. */
export function linkRows(
  figures: readonly { metrics: { instance: string; links: readonly LinkSnapshot[] }; rates: Rates }[],
): LinkRow[] {
  return figures.flatMap(({ metrics, rates }) =>
    metrics.links.map((link, index) => ({
      key: `${metrics.instance} ${linkKey(link)} ${index}`,
      instance: metrics.instance,
      link,
      rate: rates.links.get(linkKey(link)) ?? { sent: 0, received: 0 },
    })),
  )
}
