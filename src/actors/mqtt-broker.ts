import type { IClientOptions, MqttClient } from 'mqtt'
import * as v from 'valibot'
import type { NodeLog } from '../runtime/index.ts'
import { remoteUrl } from './access.ts'
import { text } from './fields.ts'

/** The fields that both MQTT actors have. */
export const brokerFields = {
  url: v.pipe(remoteUrl('mqtt:', 'mqtts:', 'ws:', 'wss:'), v.description('the broker, such as mqtt://127.0.0.1:1883')),
  clientId: v.optional(text('how the broker knows it; made up when absent')),
}

/** Connects to a broker and stays connected. User and password come from MQTT_USERNAME and MQTT_PASSWORD, if `env_vars` names them. */
export async function connectBroker(
  { url, clientId }: { url: string; clientId?: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
  log: NodeLog,
  more: IClientOptions = {},
): Promise<MqttClient> {
  // It takes long to load, and few networks have a broker.
  const { default: mqtt } = await import('mqtt')
  const { MQTT_USERNAME: username, MQTT_PASSWORD: password } = env
  const client = mqtt.connect(url, {
    reconnectPeriod: 1_000,
    connectTimeout: 10_000,
    ...(clientId !== undefined && { clientId }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...more,
  })
  client.on('connect', () => log.info(`connected to ${url}`))
  client.on('error', (error) => log.warn(`${url}: ${error.message}`))
  client.on('offline', () => log.warn(`${url}: no connection; it tries again`))
  return client
}
