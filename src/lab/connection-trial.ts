import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import { connectSecurely, formatAddress, parseAddress, type Address, type TlsTrust } from '../peer/index.ts'
import {
  describeError,
  isMillraceError,
  MillraceError,
  trialSteps,
  type ConnectionTrial,
  type PeerEntry,
  type TrialStepName,
} from '../shared/index.ts'
import { makeGuestEndpoint } from './guest-endpoint.ts'
import { tlsTrustOf } from './instance-spec.ts'

const stepTimeoutMs = 5_000

/** Tries to link to a peer as a guest, one step after the other, and tells what came of each. Never throws for what a person may get wrong. */
export async function tryConnection(entry: PeerEntry): Promise<ConnectionTrial> {
  const trial = new Trial()
  try {
    const target = await trial.step('address', () => findAddress(entry.endpoint))
    await trial.step('port', () => openPort(target))
    const trust = tlsTrustOf(entry) ?? (target.secure ? {} : undefined)
    await trial.step('tls', () => trial.lookAtCertificate(target, trust))
    await trial.link(entry, trust)
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
  }
  return trial.result()
}

/** A step failed and has been noted: the rest is skipped. */
class StepFailed extends Error {}

type Step = ConnectionTrial['steps'][number]
interface Found<Value> {
  value: Value
  detail: string
  outcome?: 'skipped'
}

class Trial {
  readonly #steps: Step[] = []
  #peer: ConnectionTrial['peer']
  #fingerprint: string | undefined
  #nodes: ConnectionTrial['nodes'] = []

  /** Runs a step and notes what it found. @throws StepFailed. */
  async step<Value>(step: TrialStepName, run: () => Promise<Found<Value>>): Promise<Value> {
    try {
      const { value, detail, outcome = 'ok' } = await run()
      this.#steps.push({ step, outcome, detail })
      return value
    } catch (error) {
      throw this.#fail(step, error)
    }
  }

  async lookAtCertificate(target: Address, trust: TlsTrust | undefined): Promise<Found<undefined>> {
    if (!trust)
      return {
        value: undefined,
        outcome: 'skipped',
        detail: 'without TLS: messages travel unencrypted, the token does not travel at all',
      }
    // Whether it is trusted comes second, so that its fingerprint can be shown in any case.
    const socket = await connectSecurely(target, trust, {
      timeoutMs: stepTimeoutMs,
      shown: (fingerprint) => (this.#fingerprint = fingerprint),
    })
    const { subject } = socket.getPeerCertificate()
    const protocol = socket.getProtocol() ?? 'TLS'
    socket.destroy()
    const how = trust.fingerprint === undefined ? 'it is trusted here' : 'its fingerprint is the one expected'
    return { value: undefined, detail: `${protocol}, certificate of "${String(subject?.CN ?? '')}": ${how}` }
  }

  /** The handshake of the link proves version and token in one; what it fails with says which it was. */
  async link({ endpoint, token }: PeerEntry, tls: TlsTrust | undefined): Promise<void> {
    const guest = makeGuestEndpoint()
    try {
      guest.dial(endpoint, { retry: false, ...(token !== undefined && { token }), ...(tls && { tls }) })
      const peer = await guest.connected(endpoint).catch((error: unknown) => {
        if (!isMillraceError(error) || error.code !== 'AUTH_FAILED') throw this.#fail('version', error)
        this.#steps.push({ step: 'version', outcome: 'ok', detail: 'an instance of Millrace of a version that fits' })
        throw this.#fail('token', error)
      })
      this.#peer = { networkId: peer.networkId, instanceId: peer.instanceId }
      const detail = `${peer.networkId}/${peer.instanceId} speaks a version that fits`
      this.#steps.push({ step: 'version', outcome: 'ok', detail })
      this.#steps.push(
        token === undefined
          ? { step: 'token', outcome: 'skipped', detail: 'the peer asks for no token: nobody proves who they are' }
          : { step: 'token', outcome: 'ok', detail: 'both sides have proved that they know the token' },
      )
      await this.step('exports', async () => {
        const nodes = await guest.directory(peer.networkId)
        this.#nodes = nodes.map((node) => ({ ...node, inports: [...node.inports], outports: [...node.outports] }))
        const names = nodes.map(({ id }) => id).join(', ')
        const none = 'it exports no node: nothing can be sent or subscribed to until its lab file lists "exports"'
        return { value: undefined, detail: names === '' ? none : `it exports ${names}` }
      })
    } finally {
      await guest.stop()
    }
  }

  result(): ConnectionTrial {
    const missing = trialSteps.slice(this.#steps.length)
    return {
      works: missing.length === 0 && this.#steps.every(({ outcome }) => outcome !== 'failed'),
      steps: [
        ...this.#steps,
        ...missing.map((step): Step => ({ step, outcome: 'skipped', detail: 'not tried after the failure above' })),
      ],
      ...(this.#peer && { peer: this.#peer }),
      ...(this.#fingerprint !== undefined && { fingerprint: this.#fingerprint }),
      nodes: this.#nodes,
    }
  }

  #fail(step: TrialStepName, error: unknown): StepFailed {
    const code = isMillraceError(error) ? { code: error.code } : {}
    const detail = isMillraceError(error) ? error.message : describeError(error)
    this.#steps.push({ step, outcome: 'failed', detail, ...code })
    return new StepFailed()
  }
}

async function findAddress(endpoint: string): Promise<Found<Address>> {
  const value = parseAddress(endpoint)
  try {
    const { address } = await lookup(value.host)
    return { value, detail: address === value.host ? address : `${value.host} is ${address}` }
  } catch (cause) {
    throw new MillraceError(
      'PEER_UNREACHABLE',
      `the name "${value.host}" is not known here: check its spelling, or give the IP address`,
      { cause },
    )
  }
}

function openPort(target: Address): Promise<Found<undefined>> {
  const where = formatAddress(target)
  return new Promise((opened, failed) => {
    const socket = connect(target.port, target.host)
    socket.setTimeout(stepTimeoutMs)
    socket.once('connect', () => {
      socket.destroy()
      opened({ value: undefined, detail: `something listens at ${where}` })
    })
    socket.once('timeout', () => {
      socket.destroy()
      failed(
        new MillraceError(
          'TIMEOUT',
          `${where} does not answer: the machine is off, or a firewall drops what is sent to port ${target.port}`,
        ),
      )
    })
    socket.on('error', (cause: NodeJS.ErrnoException) =>
      failed(new MillraceError('PEER_UNREACHABLE', `${where}: ${portProblem(cause)}`, { cause })),
    )
  })
}

function portProblem({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there; is the instance running, does its bindAddress let this machine in, and is that its port?'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to this machine from here'
    default:
      return message
  }
}
