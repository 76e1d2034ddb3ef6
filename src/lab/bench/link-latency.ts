import { defineActor } from '../../runtime/index.ts'
import type { Bench } from './bench.ts'
import { sampleLatency } from './latency.ts'
import { answerCounts, dialBare, linkTo, listenBare, makeInstance, nextFrom } from './link-pair.ts'
import { createValueCodec } from '../../peer/index.ts'

const roomBytes = 8

/** One message at a time to an actor of another process and back. */
export const linkLatency: Bench = {
  name: 'link-latency',
  about: 'one message at a time to an actor in another process and back; floor: bare ws',
  unit: 'messages/s',
  measure: 'p50Us',
  async millrace({ startPart }) {
    const far = startPart('millraceFar')
    const network = makeInstance('near')
    await network.start()
    await linkTo(network, await nextFrom<string>(far))
    const remote = await network.registerRemoteActor('echo', 'far')
    let arrived = () => {}
    let send: (message: unknown) => unknown = () => undefined
    const player = defineActor({
      name: 'BenchPlayer',
      inports: { In: {} },
      outports: { Out: {} },
      start({ out }) {
        send = (message) => out.Out.send(message)
      },
      run: () => arrived(),
    })
    network.registerLocalActor('player', player)
    network.connect({ node: 'player', port: 'Out' }, { node: remote, port: 'In' })
    network.connect({ node: remote, port: 'Out' }, { node: 'player', port: 'In' })
    return await sampleLatency((id, done) => {
      arrived = done
      send({ id })
    })
  },
  async floor({ startPart }) {
    const socket = await dialBare(await nextFrom<string>(startPart('floorFar')))
    return await sampleLatency((id, done) => {
      socket.received = done
      void socket.send([{ id }])
    })
  },
  parts: {
    async millraceFar() {
      const network = makeInstance('far')
      const echo = defineActor({
        name: 'BenchEcho',
        inports: { In: {} },
        outports: { Out: {} },
        run: ({ inputs, out }) => void out.Out.send(inputs.In),
      })
      network.registerLocalActor('echo', echo, {}, { exported: true })
      await network.start()
      answerCounts(network.address ?? '', () => 0)
    },
    async floorFar() {
      const codec = createValueCodec()
      const address = await listenBare((values, connection) => connection.send(codec.encodeAll(values, roomBytes)))
      answerCounts(address, () => 0)
    },
  },
}
