import { source, through, type Counterparts } from './counterpart.ts'
import { text, type Flow, type FlowNode } from './flow.ts'

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
/** All requests of a flow come to one port, as in Node-RED. */
const httpPort = 9090

/** What talks with others: http, mqtt, websocket. */
export const network: Counterparts = {
  'http request': ({ fields }) => {
    const { url, method, ret, tls } = fields
    if (!plainUrl.test(text(url))) return 'its address is not plain, or messages say where it asks'
    if (/[?&][^=\s]*(?:password|secret|token|api_?key)[^=\s]*=/i.test(text(url))) return 'its address holds a secret'
    if (!methods.has(text(method))) return 'messages say how it asks'
    const answer = { txt: 'text', bin: 'bytes', obj: 'json' }[text(ret)] ?? 'auto'
    const changed = ['it gives {status, headers, body, tookMs}; the payload was the body']
    if (text(tls) !== '') changed.push('its TLS settings are not taken along')
    return through('HttpRequest', { url, method, answer }, ...changed)
  },
  'http in': ({ fields }) => {
    const method = text(fields['method']).toUpperCase()
    const path = pathOf(text(fields['url']))
    if (!methods.has(method)) return `its method ${method} is not one that is taken`
    return {
      component: 'HttpIn',
      config: { port: httpPort, method, path },
      outports: ['Request'],
      changed: [
        `it listens at port ${httpPort}`,
        'it gives {id, method, path, params, query, headers, body}; what is answered has to keep the id',
      ],
    }
  },
  'http response': ({ fields }) => {
    const status = Number(fields['statusCode']) >= 200 ? { status: Number(fields['statusCode']) } : {}
    const headers = fields['headers']
    const given = typeof headers === 'object' && headers !== null && Object.keys(headers).length > 0 ? { headers } : {}
    return {
      ...through(
        'HttpResponse',
        { ...status, ...given },
        'what it gets has to be an object with the id of its request',
      ),
      outports: ['Response'],
    }
  },
  'mqtt in': ({ fields }, flow) => {
    const url = brokerOf(fields['broker'], flow)
    if (url === undefined) return 'its broker is not in the file'
    if (text(fields['topic']) === '') return 'messages say to what it subscribes'
    const read = { json: 'json', buffer: 'bytes' }[text(fields['datatype'])] ?? 'text'
    const config = { url, topics: [text(fields['topic'])], qos: qosOf(fields['qos'], 2), read }
    return source('MqttIn', config, 'it gives {topic, payload, retained}; the payload was the message', credentials)
  },
  'mqtt out': ({ fields }, flow) => {
    const url = brokerOf(fields['broker'], flow)
    if (url === undefined) return 'its broker is not in the file'
    const topic = text(fields['topic'])
    const config = {
      url,
      ...(topic !== '' && { topic }),
      qos: qosOf(fields['qos'], 0),
      retain: fields['retain'] === true || fields['retain'] === 'true',
    }
    const changed = topic === '' ? ['messages have to be {topic, payload}'] : []
    return { ...through('MqttOut', config, ...changed, credentials), outports: [] }
  },
  'websocket in': ({ fields }, flow) => {
    const url = clientOf(fields['client'], flow)
    if (url === undefined) return 'it listens for others, and there is no counterpart for that'
    return { ...source('WebSocketClient', { url }, ownConnection), outports: ['Message'] }
  },
  'websocket out': ({ fields }, flow) => {
    const url = clientOf(fields['client'], flow)
    if (url === undefined) return 'it answers others that connect, and there is no counterpart for that'
    return { component: 'WebSocketClient', config: { url }, inport: 'Send', outports: [], changed: [ownConnection] }
  },
}

/** From the paths of Express 4, which Node-RED has, to those of Express 5: `*` gets a name, `:id?` becomes a group. */
function pathOf(path: string): string {
  let count = 0
  const named = path.replace(/\/:(\w+)\?/g, '{/:$1}').replace(/\*(?!\w)/g, () => `*rest${count++ === 0 ? '' : count}`)
  return named.startsWith('/') || named.startsWith('{/') ? named : `/${named}`
}

const plainUrl = /^https?:\/\/[^\s/:@{}]+(:\d+)?(\/[^\s{}]*)?$/
const credentials = 'user and password are not taken along: name MQTT_USERNAME and MQTT_PASSWORD in its env_vars'
const ownConnection = 'it has a connection of its own'

function brokerOf(id: unknown, flow: Flow): string | undefined {
  const broker = flow.find(id)
  const host = text(broker?.fields['broker'])
  if (broker === undefined || host === '') return undefined
  if (/^(mqtts?|wss?):\/\/[^\s@]+$/.test(host)) return host
  const isSecure = broker.fields['usetls'] === true
  const port = text(broker.fields['port']) || (isSecure ? '8883' : '1883')
  return /^[\w.-]+$/.test(host) && /^\d+$/.test(port) ? `${isSecure ? 'mqtts' : 'mqtt'}://${host}:${port}` : undefined
}

function clientOf(id: unknown, flow: Flow): string | undefined {
  const path = text(flow.find(id)?.fields['path'])
  return /^wss?:\/\/[^\s{}@]+$/.test(path) ? path : undefined
}

function qosOf(given: unknown, otherwise: number): number {
  const qos = given === '' || given === undefined ? Number.NaN : Number(given)
  return qos === 0 || qos === 1 || qos === 2 ? qos : otherwise
}

/** The one `http in` whose requests come to a node; `undefined` where there is none, or several. */
export function requestSourceOf(node: FlowNode, flow: Flow): FlowNode | undefined {
  const seen = new Set<FlowNode>([node])
  for (const each of seen) for (const before of flow.sources(each)) seen.add(before)
  const found = [...seen].filter(({ type }) => type === 'http in')
  return found.length === 1 ? found[0] : undefined
}
