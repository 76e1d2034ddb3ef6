import { oc } from '@orpc/contract'
import * as v from 'valibot'
import { linkDisturbanceSchema } from './snapshot.ts'

/** How a peer is reached and trusted, as a person gives it. The token stays in memory; a reference such as `${env:NAME}` is looked up. */
export const peerEntrySchema = v.object({
  /** `host:port`, or `wss://host:port` for TLS. */
  endpoint: v.string(),
  token: v.optional(v.string()),
  /** SHA-256 of the peer's certificate; implies TLS. */
  fingerprint: v.optional(v.string()),
  /** Certificates of authorities as PEM; implies TLS. */
  ca: v.optional(v.string()),
})
export type PeerEntry = v.InferOutput<typeof peerEntrySchema>

const exportedPortSchema = v.object({ name: v.string(), kind: v.string() })
export const exportedNodeSchema = v.object({
  id: v.string(),
  component: v.string(),
  inports: v.array(exportedPortSchema),
  outports: v.array(exportedPortSchema),
})
/** A node that a peer exports. */
export type ExportedNodeEntry = v.InferOutput<typeof exportedNodeSchema>

/** What a trial looks at, in this order; what follows a failure is skipped. */
export const trialSteps = ['address', 'port', 'tls', 'version', 'token', 'exports'] as const
export type TrialStepName = (typeof trialSteps)[number]

export const connectionTrialSchema = v.object({
  /** Whether a link can be made. */
  works: v.boolean(),
  steps: v.array(
    v.object({
      step: v.picklist(trialSteps),
      outcome: v.picklist(['ok', 'failed', 'skipped']),
      /** What was found, or what is wrong and the way out; for a person. */
      detail: v.string(),
      /** Of a failure. */
      code: v.optional(v.string()),
    }),
  ),
  peer: v.optional(v.object({ networkId: v.string(), instanceId: v.string() })),
  /** SHA-256 of the certificate that the other side showed, trusted or not. */
  fingerprint: v.optional(v.string()),
  nodes: v.array(exportedNodeSchema),
})
/** What came of trying a connection, step by step. */
export type ConnectionTrial = v.InferOutput<typeof connectionTrialSchema>

export const foundInstanceSchema = v.object({
  networkId: v.string(),
  instanceId: v.string(),
  endpoint: v.string(),
  /** Whether it speaks TLS. */
  secure: v.boolean(),
  capabilities: v.array(v.string()),
  tags: v.array(v.string()),
  /** The `host:port` of a registry, or `lan`. */
  source: v.string(),
})
/** An instance that was found: a hint, since who it is it proves only when it is dialled. */
export type FoundInstanceEntry = v.InferOutput<typeof foundInstanceSchema>

const done = v.object({})
const peerOf = v.object({ instance: v.string(), endpoint: v.string() })
const networkOf = v.object({ instance: v.string(), networkId: v.string() })

/** The links of running instances, and what may become one. */
export const linkContract = {
  /** Tries a connection step by step, as a guest; changes nothing, and says what is wrong rather than fail. */
  try: oc.input(peerEntrySchema).output(connectionTrialSchema),
  /** Dials a peer from now on, also after a restart of the instance while the lab is open; the same endpoint again changes its token and trust. */
  add: oc.input(v.object({ instance: v.string(), ...peerEntrySchema.entries })).output(done),
  /** Dials a peer no more, and ends the link to it. */
  remove: oc.input(peerOf).output(done),
  /** Dials at once instead of at the end of the countdown; a link that is up goes on over a new connection. */
  reconnect: oc.input(peerOf).output(done),
  /**
   * Accepts these tokens from now on, also after a restart of the instance while the lab is open, and answers their key ids. Links that are
   * up stay; new ones are judged by these. References such as `${env:NAME}` are looked up. `TOKEN_MISSING`.
   */
  changeTokens: oc
    .input(v.object({ instance: v.string(), tokens: v.array(v.pipe(v.string(), v.minLength(1))) }))
    .output(v.object({ keys: v.array(v.string()) })),
  /** Dials a peer with another token from the next connection on, and with the next where that is refused; the link that is up stays. */
  changePeerTokens: oc
    .input(v.object({ ...peerOf.entries, token: v.string(), nextToken: v.optional(v.string()) }))
    .output(done),
  /**
   * Delays or cuts the link on purpose, for trying things out; without a disturbance all is as before. Only where it is dialled, and
   * until the instance stops. `PEER_UNKNOWN`, `INSTANCE_STATE`.
   */
  disturb: oc.input(v.object({ ...peerOf.entries, disturbance: v.optional(linkDisturbanceSchema) })).output(done),
  /** The round trip to a linked network. */
  ping: oc.input(networkOf).output(v.object({ rttMs: v.number() })),
  /** What registries and the local network know of; narrowed down by what is given. */
  discover: oc
    .input(
      v.object({
        instance: v.string(),
        networkId: v.optional(v.string()),
        capability: v.optional(v.string()),
        tag: v.optional(v.string()),
      }),
    )
    .output(v.array(foundInstanceSchema)),
  /** What a linked network exports. */
  directory: oc.input(networkOf).output(v.array(exportedNodeSchema)),
}
