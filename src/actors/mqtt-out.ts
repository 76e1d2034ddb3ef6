import type { MqttClient } from 'mqtt'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { count, flag, text } from './fields.ts'
import { brokerFields, connectBroker } from './mqtt-broker.ts'
import { textOf } from './text-of.ts'

const config = v.object({
  ...brokerFields,
  topic: v.optional(text('where it publishes; without, a message gives it: {topic, payload}')),
  qos: v.optional(count('0 at most once, 1 at least once, 2 exactly once', { least: 0, most: 2 }), 1),
  retain: v.optional(flag('whether the broker keeps the last message for those who come later'), false),
})

const addressed = v.object({ topic: v.pipe(v.string(), v.nonEmpty()), payload: v.optional(v.unknown()) })

/** Publishes messages to an MQTT broker, one after the other: the next when the broker has taken the last. Without a connection they wait. */
export const mqttOut = defineActor({
  name: 'MqttOut',
  description: 'Publishes each message to an MQTT broker: text and bytes as they are, else JSON.',
  inports: { Input: {} },
  config,
  state: () => ({ client: undefined as MqttClient | undefined }),
  async start({ config: broker, state, env, log }) {
    // What waits stays on our own wire, which is bounded, rather than in the client.
    const client = await connectBroker(broker, env, log, { queueQoSZero: false })
    state.client = client
    return () => client.endAsync()
  },
  async run({ inputs: { Input: message }, config: { topic, qos, retain }, state: { client }, signal, reject }) {
    const parsed = topic === undefined ? v.safeParse(addressed, message) : undefined
    if (parsed?.success === false) return reject('it has no topic: set one in the config, or send {topic, payload}')
    if (client === undefined || !(await connected(client, signal)))
      return reject('the node stopped before there was a connection')
    const target = topic ?? parsed?.output.topic ?? ''
    const payload = textOf(parsed === undefined ? message : parsed.output.payload)
    await client.publishAsync(target, typeof payload === 'string' ? payload : Buffer.from(payload), {
      qos: qos as 0 | 1 | 2,
      retain,
    })
  },
})

function connected(client: MqttClient, signal: AbortSignal): Promise<boolean> {
  if (client.connected || signal.aborted) return Promise.resolve(client.connected)
  return new Promise((resolve) => {
    const settle = () => {
      client.off('connect', settle)
      resolve(client.connected)
    }
    client.once('connect', settle)
    signal.addEventListener('abort', settle, { once: true })
  })
}
