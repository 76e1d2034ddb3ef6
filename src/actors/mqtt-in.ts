import type { IPublishPacket } from 'mqtt'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { choice, count } from './fields.ts'
import { brokerFields, connectBroker } from './mqtt-broker.ts'

const config = v.object({
  ...brokerFields,
  topics: v.pipe(
    v.array(v.pipe(v.string(), v.nonEmpty())),
    v.minLength(1),
    v.description('what it subscribes to, such as plant/+/temp'),
  ),
  qos: v.optional(count('0 at most once, 1 at least once, 2 exactly once', { least: 0, most: 2 }), 1),
  read: v.optional(choice(['text', 'json', 'bytes'], 'what a payload becomes'), 'text'),
})

/** Subscribes to topics of an MQTT broker. A message is confirmed to the broker only when there was room for it, so back pressure reaches the broker. */
export const mqttIn = defineActor({
  name: 'MqttIn',
  description: 'Emits what comes under topics of an MQTT broker: {topic, payload, retained}.',
  outports: { Output: { kind: 'object', capacity: 1 } },
  config,
  async start({ config: { topics, qos, read, ...broker }, env, out, log, signal }) {
    const client = await connectBroker(broker, env, log)
    // Replaces what emits 'message' events: until its callback is called, mqtt reads no further.
    client.handleMessage = (packet: IPublishPacket, done) => {
      const take = async () => {
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
        await out.Output.send({ topic: packet.topic, payload: readPayload(payload), retained: packet.retain })
      }
      take()
        .catch((error: unknown) => {
          if (!signal.aborted) log.error(`${packet.topic}: ${describeError(error)}`)
        })
        .finally(done)
        // What the client does with it is no concern of this message.
        .catch((error: unknown) => log.error(describeError(error)))
    }
    const readPayload = (payload: Buffer): unknown => {
      if (read === 'bytes') return new Uint8Array(payload)
      return read === 'json' ? JSON.parse(payload.toString()) : payload.toString()
    }
    client.on('connect', () => {
      client.subscribe([...topics], { qos: qos as 0 | 1 | 2 }, (error) => {
        if (error) log.error(`cannot subscribe: ${error.message}`)
        else log.debug(`subscribed to ${topics.join(', ')}`)
      })
    })
    return () => client.endAsync(true)
  },
})
