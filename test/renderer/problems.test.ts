import { describe, expect, it } from 'vitest'
import { hotLists } from '../../src/renderer/view/hot-spots.ts'
import { problemsOf } from '../../src/renderer/view/problems.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import type { InstanceMetrics, LabDescription } from '../../src/shared/index.ts'
import { instance, linkSnapshot, metricsAt, nodeSnapshot, wireSnapshot } from '../shared/samples.ts'

function lab(changes: Partial<LabDescription> = {}): LabDescription {
  return {
    name: 'a lab',
    file: 'a.lab.json',
    version: '1',
    door: 'none',
    trust: { folder: '/labs', trusted: true, abilities: [], environment: [] },
    instances: [instance('data', ['source'])],
    warnings: [],
    ...changes,
  }
}

const titles = (changes: Partial<InstanceMetrics>, of = lab()) =>
  problemsOf(of, () => metricsAt(1, changes)).map(({ title }) => title)

describe('the problems', () => {
  it('are none in a lab that is well', () => {
    expect(titles({ nodes: [nodeSnapshot('source')], wires: [wireSnapshot('a.Out -> b.In')] })).toEqual([])
  })

  it('tell of an instance that failed, why, and how to start it again', () => {
    const failed = lab({ instances: [instance('data', [], [], { state: 'failed', reason: 'port 9001 is taken' })] })
    expect(problemsOf(failed, () => undefined)).toMatchObject([
      { severity: 'error', text: 'port 9001 is taken', fix: { type: 'start', instance: 'data/1' } },
    ])
  })

  it('tell of an instance that runs and is not heard of any more, as it sends no figures that would', () => {
    const silent = (of: LabDescription) =>
      problemsOf(
        of,
        () => metricsAt(1, {}),
        undefined,
        undefined,
        () => true,
      )
    expect(silent(lab())).toMatchObject([
      { severity: 'error', title: 'Instance does not answer', fix: { type: 'restart', instance: 'data/1' } },
    ])
    expect(silent(lab({ instances: [instance('data', [], [], { state: 'stopping' })] }))).toEqual([])
  })

  it('tell of nodes, wires and links, those that stand still before those that only limp', () => {
    expect(
      titles({
        nodes: [nodeSnapshot('noisy', { errors: 2, lastError: 'no' }), nodeSnapshot('dead', { state: 'parked' })],
        wires: [wireSnapshot('a.Out -> b.In', { queued: 90 }), wireSnapshot('a.Out -> c.In', { dropped: 3 })],
        links: [linkSnapshot('ml/1', { state: 'down' }), linkSnapshot('api/1', { lost: 4 })],
        deadLetters: 1,
      }),
    ).toEqual([
      'Node parked after too many failures',
      'Link to ml/1 is down',
      '4 messages lost on the link to api/1',
      '2 failures of this node',
      '1 dead letter',
      'Queue is full, its sender waits',
      '3 messages dropped by the policy of a wire',
    ])
  })

  it('name the breakpoint that holds a full queue, on the wire itself or further on, and end it', () => {
    const held = wireSnapshot('b.Out -> c.In', { queued: 100, held: 100 })
    const wires = [wireSnapshot('a.Out -> b.In', { queued: 100 }), held, wireSnapshot('x.Out -> y.In', { queued: 100 })]
    const place = { type: 'wire', instance: 'data/1', wire: held.id }
    const fix = { type: 'end-breakpoint', instance: 'data/1', wire: held.id }
    expect(problemsOf(lab(), () => metricsAt(1, { wires }))).toMatchObject([
      { text: '100 of 100 on a.Out → b.In; the breakpoint on b.Out → c.In holds 100', place, fix },
      { place, fix },
      { title: 'Queue is full, its sender waits', place: { wire: 'x.Out -> y.In' } },
    ])
  })

  it('name the instance whose event loop is kept busy, and what has computed longest', () => {
    const { process } = metricsAt(1)
    const nodes = [nodeSnapshot('quick', { busyMs: 3 }), nodeSnapshot('heavy', { busyMs: 900 })]
    expect(problemsOf(lab(), () => metricsAt(1, { nodes, process: { ...process, loopLagMaxMs: 700 } }))).toMatchObject([
      { severity: 'warning', title: 'data/1 computes without a break', place: { type: 'node', node: 'heavy' } },
    ])
    expect(titles({ process: { ...process, loopLagMaxMs: 30 } })).toEqual([])
  })

  it('tell of a drawn graph what keeps it from running and what may not be meant, with the edits that mend it', () => {
    const edit = { title: 'remove it', automatic: true, commands: [{ type: 'removeNode' as const, id: 'a' }] }
    const findings = [
      {
        code: 'ACTOR_UNKNOWN' as const,
        severity: 'error' as const,
        message: 'no actor',
        pointer: '/x',
        node: 'a',
        fix: edit,
      },
      { code: 'NODE_ORPHAN' as const, severity: 'warning' as const, message: 'alone', pointer: '/y', node: 'b' },
      { code: 'KEY_UNKNOWN' as const, severity: 'note' as const, message: 'only a note', pointer: '/z', node: 'c' },
    ]
    expect(
      problemsOf(
        lab({ warnings: ['a.graph.json:3:4: alone', 'a.lab.json:1:2: old'] }),
        () => undefined,
        () => findings,
      ),
    ).toMatchObject([
      {
        text: 'no actor',
        place: { type: 'node', instance: 'data/1', node: 'a' },
        fix: { type: 'edit', instance: 'data/1', title: 'remove it', commands: edit.commands },
      },
      { severity: 'warning', text: 'a.lab.json:1:2: old' },
      { severity: 'warning', text: 'alone', place: { type: 'node', instance: 'data/1', node: 'b' } },
    ])
  })

  it('ask for trust before anything else', () => {
    const untrusted = lab({ trust: { folder: '/new', trusted: false, abilities: [], environment: [] } })
    expect(problemsOf(untrusted, () => undefined)).toMatchObject([{ fix: { type: 'trust' } }])
  })
})

describe('the hot spots', () => {
  it('rank by what happened in the last seconds, without those at nought', () => {
    const before = metricsAt(0, { nodes: [nodeSnapshot('calm'), nodeSnapshot('busy'), nodeSnapshot('stuck')] })
    const after = metricsAt(1_000, {
      nodes: [
        nodeSnapshot('calm'),
        nodeSnapshot('busy', { busyMs: 800, received: 100 }),
        nodeSnapshot('stuck', { busyMs: 100, blockedMs: 900, received: 10, errors: 3 }),
      ],
      wires: [wireSnapshot('a.Out -> b.In', { queued: 50 })],
    })
    const lists = hotLists([{ metrics: after, rates: ratesOf([before, after]) }])
    const names = (id: string) =>
      lists.find((list) => list.id === id)?.spots.map(({ name, value }) => `${name} ${value}`)
    expect(names('blocked')).toEqual(['stuck 90 %'])
    expect(names('busy')).toEqual(['busy 80 %', 'stuck 10 %'])
    expect(names('deep')).toEqual(['a.Out → b.In 50 · 50 %'])
    expect(names('slow')).toEqual(['stuck 10 ms', 'busy 8 ms'])
    expect(names('noisy')).toEqual(['stuck 3 · 3/s'])
    expect(names('jam')).toEqual([])
  })

  it('say who waits for whom, and lead to where that begins', () => {
    const before = metricsAt(0, { nodes: [nodeSnapshot('source'), nodeSnapshot('middle'), nodeSnapshot('slow')] })
    const after = metricsAt(1_000, {
      nodes: [
        nodeSnapshot('source', { blockedMs: 900 }),
        nodeSnapshot('middle', { blockedMs: 600 }),
        nodeSnapshot('slow', { busyMs: 1_000, received: 5 }),
      ],
      wires: ['source.Out -> middle.In', 'middle.Out -> slow.In'].map((id) => wireSnapshot(id, { queued: 100 })),
    })
    const [jams] = hotLists([{ metrics: after, rates: ratesOf([before, after]), before }])
    expect(jams?.spots.map(({ name, value, place }) => [name, value, place.type === 'node' && place.node])).toEqual([
      ['source ← slow', '90 % · busy', 'slow'],
      ['middle ← slow', '60 % · busy', 'slow'],
    ])
  })
})
