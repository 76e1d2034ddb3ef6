import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coloursFor } from '../../src/cli/colours.ts'
import { formatFinding } from '../../src/cli/commands/check.ts'
import { formatLogLine } from '../../src/cli/log-line.ts'
import { formatTraces } from '../../src/cli/trace-text.ts'
import type { TraceSpan } from '../../src/shared/index.ts'
import { formatStatus, parseStatus } from '../../src/cli/status-text.ts'
import { formatTable } from '../../src/cli/table.ts'
import { visible } from '../../src/cli/visible.ts'

const plain = coloursFor({ colours: false })

describe('visible', () => {
  it('lets no text move the cursor or turn the line around', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('\u001b', '[', '2', 'J', '\r', '\n', '\u0007', '\u202e', '\u009b', '\u2028', 'a'),
    })
    fc.assert(
      fc.property(hostile, (text) => {
        expect(visible(text)).toMatch(/^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u)
      }),
    )
  })

  it('leaves ordinary text alone and shows the rest as it is', () => {
    expect(visible('Größe 5 µm ✓')).toBe('Größe 5 µm ✓')
    expect(visible('a\u001b[2J\nb')).toBe('a\\u001b[2J⏎b')
  })
})

describe('formatLogLine', () => {
  const entry = {
    sequence: 1,
    timeMs: new Date(2026, 0, 2, 3, 4, 5, 6).getTime(),
    level: 'warn' as const,
    instance: 'data/1',
    text: 'late\u001b[0m',
  }

  it('shows time, level, who and text, made safe', () => {
    expect(formatLogLine({ ...entry, node: 'logger' }, plain)).toBe('03:04:05.006 warn  data/1 logger  late\\u001b[0m')
  })

  it('colours the level on a terminal', () => {
    expect(formatLogLine(entry, coloursFor({ colours: true }))).toContain('\u001b[33mwarn \u001b[0m')
  })
})

describe('formatFinding', () => {
  it('writes a finding as compilers do', () => {
    const finding = {
      file: 'a.json',
      line: 3,
      column: 7,
      code: 'PORT_UNKNOWN' as const,
      severity: 'error' as const,
      message: 'no port',
      pointer: '/x',
    }
    expect(formatFinding(finding, plain)).toBe('a.json:3:7: error PORT_UNKNOWN no port')
  })
})

describe('formatTable', () => {
  it('puts numbers to the right and texts to the left', () => {
    expect(
      formatTable([
        ['name', 'count'],
        ['a', 5],
        ['long name', 1_234],
      ]),
    ).toEqual(['name       count', 'a              5', 'long name   1234'])
  })
})

describe('formatStatus', () => {
  const node = {
    id: 'p',
    role: 'local',
    component: 'P',
    state: 'running',
    received: 100,
    sent: 1,
    errors: 0,
    queued: 2,
    service: { count: 9, p50Ms: 1, p95Ms: 1.2345, p99Ms: 3, maxMs: 4 },
  }
  const status = (received: number) => ({
    networkId: 'data',
    instanceId: '1',
    nodes: [
      { ...node, received },
      { ...node, id: 'p.Output → ml/1', role: 'egress' },
    ],
    links: [{ peer: 'ml/1', address: 'h:1', state: 'up', sent: 5, received: 6, lost: 0, queued: 0, more: 'ignored' }],
  })

  it('makes rates of two looks and leaves out what only carries messages to links', () => {
    const lines = formatStatus(parseStatus(status(100), 'h:1'), parseStatus(status(150), 'h:1'), 500, plain)
    expect(lines).toEqual([
      'data/1',
      '',
      'node  actor  state    received   /s  sent  errors  queued  takes p95 ms  waits p95 ms',
      'p     P      running       150  100     1       0       2           1.2  –',
      '',
      'link  address  state  key  sent  received  lost  queued  offers',
      'ml/1  h:1      up     –       5         6     0       0  –',
    ])
  })

  it('refuses an answer of something else', () => {
    expect(() => parseStatus({ status: 'ok' }, 'h:1')).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  })
})

describe('formatTraces', () => {
  const span = (spanId: string, node: string, startMs: number, more: Partial<TraceSpan> = {}): TraceSpan => ({
    traceId: 't',
    spanId,
    instance: 'a/1',
    kind: 'process',
    node,
    actor: 'A',
    port: 'In',
    startMs,
    waitMs: 1,
    durationMs: 2,
    ...more,
  })
  const slow = [
    span('1', '', 100, { kind: 'emit', durationMs: 0 }),
    span('2', 'first', 101, { parentId: '1' }),
    span('3', 'far', 104.5, { parentId: '2', instance: 'b/1', failure: 'no\u001b[31m' }),
  ]

  it('shows the slowest first, each node under the one that caused its work', () => {
    expect(formatTraces([[span('9', 'quick', 5)], slow], plain)).toEqual([
      '',
      'the slowest 2 of 2 messages that were followed',
      '',
      't  6.5 ms',
      'at       instance  node          waited  took',
      '+0 ms    a/1       (outside) In',
      '+1 ms    a/1         first.In    1 ms    2 ms',
      '+4.5 ms  b/1           far.In    1 ms    2 ms  no\\u001b[31m',
      '',
      't  2 ms',
      'at     instance  node      waited  took',
      '+0 ms  a/1       quick.In  1 ms    2 ms',
    ])
    expect(formatTraces([], plain)).toEqual(['', 'no message was followed'])
  })
})
