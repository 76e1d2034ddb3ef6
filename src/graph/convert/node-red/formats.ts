import { through, type Counterparts } from './counterpart.ts'
import { text, type Flow, type FlowNode } from './flow.ts'

/** What reads and writes formats: json and csv, each of which does in Node-RED what the message calls for. */
export const formats: Counterparts = {
  json: (node, flow) => {
    const { action, pretty, property } = node.fields
    if ((property ?? 'payload') !== 'payload') return `it converts "msg.${text(property)}"`
    if (action === 'obj') return through('JsonParse', {})
    const format = through('JsonFormat', pretty === true ? { indent: 4 } : {})
    if (action === 'str') return format
    if (writes(node, flow)) return { ...format, changed: ['it only writes JSON; to read it, use JsonParse'] }
    return through('JsonParse', {}, 'it only reads JSON; to write it, use JsonFormat')
  },
  csv: (node, flow) => {
    const { sep, hdrin, hdrout, temp, multi, skip, strings } = node.fields
    if (Number(skip) > 0) return 'it passes over the first lines'
    const delimiter = text(sep).replace('\\t', '\t') || ','
    if (delimiter.length !== 1) return 'what stands between its fields is longer than one character'
    const columns = text(temp)
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
    const named = columns.length > 0 && { columns }
    if (writes(node, flow)) {
      const header = hdrout === true || hdrout === 'all' || hdrout === 'once'
      return through('CsvFormat', { delimiter, header, ...named }, 'it only writes CSV; to read it, use CsvParse')
    }
    const config = { delimiter, header: hdrin === true || hdrin === 'true', numbers: strings !== false, ...named }
    const changed = ['it only reads CSV; to write it, use CsvFormat']
    if (multi === 'mult') changed.push('each row comes as a message of its own')
    return through('CsvParse', config, ...changed)
  },
}

/** Whether what follows writes texts out, or what comes before has read nothing. */
function writes(node: FlowNode, flow: Flow): boolean {
  const isText = ({ type }: FlowNode) => /^(file|http response|mqtt out|websocket out|tcp out|udp out)$/.test(type)
  const readsText = ({ type }: FlowNode) =>
    /^(file in|http request|http in|mqtt in|websocket in|tcp in|udp in|tail|exec|template)$/.test(type)
  return flow.targets(node).some(isText) && !flow.sources(node).some(readsText)
}
