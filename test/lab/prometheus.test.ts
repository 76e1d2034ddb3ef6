import { describe, expect, it } from 'vitest'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { renderPrometheus } from '../../src/lab/prometheus.ts'
import { parseAddress, requestPeer } from '../../src/peer/index.ts'
import { defineActor } from '../../src/runtime/index.ts'

interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/**
 * Reads the text format as a scraper does (https://prometheus.io/docs/instrumenting/exposition_formats/), and refuses what promtool
 * refuses: a sample without its TYPE before it, a type that comes twice, a series that comes twice, a name or label of wrong form.
 */
function parseExposition(text: string): Sample[] {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const series = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line)
    if (comment) {
      const [, kind, name = '', rest = ''] = comment
      if (kind === 'HELP') helped.add(name)
      else if (types.has(name)) throw new Error(`a second TYPE of ${name}`)
      else types.set(name, rest)
      continue
    }
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:[0-9.e+-]+|Inf|NaN)|\+Inf)$/.exec(line)
    if (!match) throw new Error(`not a sample: ${line}`)
    const [, name = '', inner = '', value = ''] = match
    const part = /_(bucket|sum|count)$/.exec(name)
    const whole = part && types.get(name.slice(0, part.index)) === 'histogram' ? name.slice(0, part.index) : name
    const type = types.get(whole)
    if (type === undefined || !helped.has(whole)) throw new Error(`${name} has no TYPE or HELP before it`)
    if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`)
    const labels = parseLabels(inner)
    const key = JSON.stringify([name, Object.entries(labels).sort()])
    if (series.has(key)) throw new Error(`a series comes twice: ${line}`)
    series.add(key)
    samples.push({ name, labels, value: Number(value) })
  }
  return samples
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest)
    if (!match?.[1]) throw new Error(`not a label: ${rest}`)
    labels[match[1]] = (match[2] ?? '').replaceAll(/\\(["\\n])/g, (_all, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    )
    rest = rest.slice(match[0].length)
  }
  return labels
}

describe('metrics for Prometheus', () => {
  it('are what a running network counts, readable by a scraper', async () => {
    const data = new DistributedNetwork({ networkId: 'data', instanceId: '1', authToken: 't' })
    const ml = new DistributedNetwork({ networkId: 'ml', instanceId: '1' })
    const got = { count: 0 }
    const sink = defineActor({ name: 'Sink', inports: { Input: {} }, run: () => void got.count++ })
    data.registerLocalActor('sink "a"\\\n', sink, {}, { exported: true })
    try {
      await data.start()
      await ml.start()
      await ml.connectToNetwork(data.address ?? '', { token: 't' })
      for (let number = 0; number < 3; number++) await ml.sendToRemoteActor('data', 'sink "a"\\\n', 'Input', number)
      while (got.count < 3) await new Promise(setImmediate)
      const target = parseAddress(data.address ?? '')
      const { status, text } = await requestPeer({ target, method: 'GET', path: '/metrics', timeoutMs: 5_000 })
      expect(status).toBe(200)
      const samples = parseExposition(text)
      const valueOf = (name: string, labels: Record<string, string> = {}) =>
        samples.find(
          (sample) =>
            sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
        )?.value
      expect(valueOf('millrace_info', { network: 'data', instance: '1' })).toBe(1)
      expect(valueOf('millrace_node_received_total', { node: 'sink "a"\\\n' })).toBe(3)
      expect(valueOf('millrace_link_up', { peer: 'ml/1' })).toBe(1)
      expect(valueOf('millrace_link_received_total', { peer: 'ml/1' })).toBe(3)
      const node = 'sink "a"\\\n'
      for (const metric of ['millrace_node_service_seconds', 'millrace_node_wait_seconds']) {
        const buckets = samples.filter(({ name, labels }) => name === `${metric}_bucket` && labels['node'] === node)
        const counts = buckets.map(({ value }) => value)
        expect(counts).toEqual(counts.toSorted((one, other) => one - other))
        expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: valueOf(`${metric}_count`, { node }) })
        expect(counts.at(-1)).toBeGreaterThan(0)
        expect(valueOf(`${metric}_sum`, { node })).toBeGreaterThan(0)
      }
      expect(valueOf('millrace_loop_lag_seconds', { quantile: '0.99' })).toBeGreaterThanOrEqual(0)
      expect(valueOf('millrace_uptime_seconds')).toBeGreaterThan(0)
      expect(valueOf('process_cpu_seconds_total')).toBeGreaterThan(0)
      expect(valueOf('millrace_heap_bytes')).toBeLessThan(valueOf('process_resident_memory_bytes') ?? 0)
    } finally {
      await Promise.all([data.shutdown({ drainMs: 0 }), ml.shutdown({ drainMs: 0 })])
    }
  })

  it('hold no series twice, whatever the links are called, and no sample where there is nothing', async () => {
    const link = {
      peer: '127.0.0.1:9001',
      address: '127.0.0.1:9001',
      direction: 'dialled' as const,
      state: 'connecting' as const,
      secure: false,
      sent: 0,
      received: 0,
      lost: 0,
      duplicated: 0,
      sentBytes: 0,
      receivedBytes: 0,
      queued: 0,
      reconnects: 0,
      channels: [],
    }
    const name = {
      networkId: 'n',
      instanceId: 'i',
      version: '1',
      uptimeMs: 5,
      deadLetters: 0,
      times: [],
      loopLag: () => 0,
      process: { cpuSeconds: 1, residentBytes: 2, heapBytes: 3 },
    }
    const samples = parseExposition(await renderPrometheus({ ...name, nodes: [], wires: [], links: [link, link] }))
    expect(samples.filter(({ name: metric }) => metric === 'millrace_link_up')).toHaveLength(1)
  })
})
