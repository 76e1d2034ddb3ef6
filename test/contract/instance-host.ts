import { describe, expect, it } from 'vitest'
import type { HostEvents, InstanceHost } from '../../src/lab/instance-host.ts'
import type { FromInstance } from '../../src/lab/instance-protocol.ts'
import type { InstanceSpec } from '../../src/lab/instance-spec.ts'
import type { GraphExport } from '../../src/shared/index.ts'

type MakeHost = (events: HostEvents) => InstanceHost

const edge = (nodeId: string, portId: string) => ({
  nodeId,
  portId,
  portName: '',
  expose: false,
  portType: { type: 'any' as const },
})

const ticking: GraphExport = {
  caseSensitive: true,
  properties: { name: 'ticking' },
  processes: {
    ticks: { id: 'ticks', component: 'Interval', metadata: { intervalMs: 5 } },
    logger: { id: 'logger', component: 'DistributedLogger', metadata: {} },
  },
  connections: [{ from: edge('ticks', 'Output'), to: edge('logger', 'Input') }],
}

/** A spec that runs on any free port of this machine. */
export function specOf(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    networkId: 'host_test',
    instanceId: '1',
    bindAddress: '127.0.0.1',
    bindPort: 0,
    authToken: undefined,
    acceptTokens: [],
    discoveryEndpoints: [],
    mdns: false,
    registry: false,
    dialects: [],
    capabilities: [],
    tags: [],
    maxConnections: 16,
    heartbeatIntervalMs: 2_000,
    allowInsecure: false,
    graph: ticking,
    graphFile: 'ticking.graph.json',
    exports: [],
    peers: [],
    env: {},
    allowExec: false,
    ownActors: undefined,
    ...overrides,
  }
}

/** Collects what a host tells and lets a test wait for it. */
export class HostWitness implements HostEvents {
  readonly messages: FromInstance[] = []
  readonly lines: string[] = []
  exits: (string | undefined)[] = []
  #changed: (() => void)[] = []

  message = (message: FromInstance): void => {
    this.messages.push(message)
    this.#wake()
  }

  output = (_stream: string, line: string): void => {
    this.lines.push(line)
    this.#wake()
  }

  exit = (cause: string | undefined): void => {
    this.exits.push(cause)
    this.#wake()
  }

  async seen<Type extends FromInstance['type']>(
    type: Type,
    isIt: (message: Extract<FromInstance, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<FromInstance, { type: Type }>> {
    for (;;) {
      const found = this.messages.find(
        (message): message is Extract<FromInstance, { type: Type }> =>
          message.type === type && isIt(message as Extract<FromInstance, { type: Type }>),
      )
      if (found !== undefined) return found
      await this.#change()
    }
  }

  async printed(pattern: RegExp): Promise<void> {
    while (!this.lines.some((line) => pattern.test(line))) await this.#change()
  }

  async gone(): Promise<string | undefined> {
    while (this.exits.length === 0) await this.#change()
    return this.exits[0]
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve))
  }

  #wake(): void {
    const waiting = this.#changed
    this.#changed = []
    for (const resolve of waiting) resolve()
  }
}

/** What every place an instance can live in has to do. */
export function instanceHostContract(name: string, makeHost: MakeHost): void {
  describe(`an instance host: ${name}`, () => {
    async function started(spec = specOf()): Promise<{ host: InstanceHost; witness: HostWitness }> {
      const witness = new HostWitness()
      const host = makeHost(witness)
      await witness.seen('loaded')
      host.post({ type: 'start', spec })
      return { host, witness }
    }

    it('starts a network, tells its address, figures and log, drains it and ends', async () => {
      const { host, witness } = await started()
      expect((await witness.seen('started')).address).toMatch(/^127\.0\.0\.1:\d+$/)
      const isBusy = (message: Extract<FromInstance, { type: 'metrics' }>) =>
        message.metrics.nodes.some(({ id, received }) => id === 'logger' && received > 3)
      const { metrics } = await witness.seen('metrics', isBusy)
      expect(metrics.instance).toBe('host_test/1')
      expect(metrics.process.pid).toBeGreaterThan(0)
      expect((await witness.seen('logs', ({ entries }) => entries.some(({ node }) => node === 'logger'))).notKept).toBe(
        0,
      )
      host.post({ type: 'stop', drainMs: 5_000 })
      expect((await witness.seen('stopped')).left).toBe(0)
      await host.terminate()
      expect(await witness.gone()).toBeUndefined()
    })

    it('answers requests, and refuses wrong ones with their codes', async () => {
      const { host, witness } = await started()
      await witness.seen('started')
      const ask = (id: number, node: string) =>
        host.post({
          type: 'request',
          id,
          request: {
            name: 'send',
            input: { node, port: 'Input', message: { type: 'String', data: 'hello from outside' } },
          },
        })
      ask(1, 'logger')
      ask(2, 'nobody')
      expect(await witness.seen('response', ({ id }) => id === 1)).not.toHaveProperty('error')
      expect((await witness.seen('response', ({ id }) => id === 2)).error).toMatchObject({ code: 'NODE_UNKNOWN' })
      await witness.seen('logs', ({ entries }) => entries.some(({ text }) => text.includes('hello from outside')))
      await host.terminate()
    })

    it('says with a code why it cannot start, and leaves nothing running', async () => {
      const first = await started()
      const { address } = await first.witness.seen('started')
      const second = await started(specOf({ instanceId: '2', bindPort: Number(address.split(':')[1]) }))
      const { error } = await second.witness.seen('failed')
      expect(error).toMatchObject({ code: 'PORT_IN_USE' })
      expect(error.message).toContain(address.split(':')[1])
      await Promise.all([first.host.terminate(), second.host.terminate()])
    })

    it('ends at once when asked, twice too', async () => {
      const { host, witness } = await started()
      await witness.seen('started')
      await host.terminate()
      await host.terminate()
      expect(witness.exits).toEqual([undefined])
    })
  })
}
