import { describe, expect, it } from 'vitest'
import { defineActor, type StateSnapshot, type StateStore } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork } from './rig.ts'

/** Keeps states in memory; may refuse, and may take its time. */
class MemoryStore implements StateStore {
  readonly kept = new Map<string, StateSnapshot>()
  readonly aside: string[] = []
  refusal: Error | undefined
  warning: string | undefined
  waiting: Promise<void> | undefined

  load(key: string) {
    const found = this.kept.get(key)
    return found && { ...found, ...(this.warning !== undefined && { warning: this.warning }) }
  }

  async save(key: string, snapshot: StateSnapshot): Promise<void> {
    await this.waiting
    if (this.refusal !== undefined) throw this.refusal
    this.kept.set(key, snapshot)
  }

  setAside(key: string): string {
    this.kept.delete(key)
    this.aside.push(key)
    return `aside/${key}`
  }

  forget(key: string): void {
    this.kept.delete(key)
  }
}

const till = defineActor({
  name: 'Till',
  inports: { In: { kind: 'integer' } },
  outports: { Sum: {} },
  state: () => ({ sum: 0, seen: new Set<number>() }),
  run({ inputs, state }) {
    if (Number(inputs.In) < 0) throw new Error('no negative sums')
    state.sum += Number(inputs.In)
    state.seen.add(Number(inputs.In))
    return { Sum: state.sum }
  },
})

function tillOn(store: StateStore, millrace: Record<string, unknown> = { persist: true }, id = 'till') {
  const rig = makeNetwork({ states: store })
  const sums = collector()
  rig.network.addNode(id, till, { metadata: { millrace } })
  rig.network.addNode('sums', sums.actor)
  rig.network.addWire(end(`${id}.Sum`), end('sums.In'))
  const add = async (...values: number[]) => {
    for (const value of values) rig.network.send(id, 'In', value)
    await rig.settle()
  }
  return { ...rig, sums: sums.seen, add }
}
const sumIn = (store: MemoryStore, key = 'till') => JSON.parse(store.kept.get(key)?.text ?? '{}').sum

describe('the state of a node with persist', () => {
  it('is taken at a stop and given back at the next start', async () => {
    const store = new MemoryStore()
    const first = tillOn(store)
    await first.start()
    await first.add(1, 2)
    await first.stop()
    expect(sumIn(store)).toBe(3)
    const second = tillOn(store)
    await second.start()
    await second.add(4)
    expect(second.sums).toEqual([7])
    expect(second.events).toContainEqual(expect.objectContaining({ type: 'stateRestored', node: 'till' }))
    expect(second.log).toContainEqual(expect.objectContaining({ level: 'info', node: 'till' }))
  })

  it('is taken after each interval in which it has changed', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store, { persist: { everyMs: 1_000 } })
    await rig.start()
    await rig.add(5)
    await rig.platform.advance(999)
    expect(store.kept.size).toBe(0)
    await rig.platform.advance(1)
    const saved = store.kept.get('till')
    expect(sumIn(store)).toBe(5)
    await rig.platform.advance(1_000)
    expect(store.kept.get('till')).toBe(saved)
    await rig.add(1)
    await rig.platform.advance(1_000)
    expect(sumIn(store)).toBe(6)
    expect(rig.node('till').kept).toMatchObject({ savedAtMs: store.kept.get('till')?.savedAtMs })
    await rig.stop()
    expect(rig.platform.timers).toBe(0)
  })

  it('goes on after a supervised restart from the last snapshot', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store, { persist: { everyMs: 1_000 }, supervision: 'restart', retry: { attempts: 1 } })
    await rig.start()
    await rig.add(5)
    await rig.platform.advance(1_000)
    await rig.add(1)
    await rig.add(-1)
    await rig.platform.advance(500)
    await rig.add(10)
    expect(rig.sums).toEqual([5, 6, 15])
  })

  it('goes on as it is after a restart that somebody asks for, or anew when it is to be forgotten', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store)
    await rig.start()
    await rig.add(5)
    await rig.network.restartNode('till')
    await rig.add(1)
    await rig.network.restartNode('till', { forget: true })
    expect(store.kept.size).toBe(0)
    await rig.add(2)
    expect(rig.sums).toEqual([5, 6, 2])
  })

  it('goes over to a node that keeps it under the same name, as after a renaming', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store)
    await rig.start()
    await rig.add(5)
    rig.network.addNode('cash', till, { metadata: { millrace: { persist: { as: 'till' } } } })
    rig.network.addWire(end('cash.Sum'), end('sums.In'))
    await rig.network.removeNode('till')
    rig.network.send('cash', 'In', 2)
    await rig.stop()
    expect(rig.sums).toEqual([5, 7])
    expect(sumIn(store)).toBe(7)
    expect([...store.kept.keys()]).toEqual(['till'])
  })

  it('stays when the node is removed and comes again', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store)
    await rig.start()
    await rig.add(5)
    await rig.network.removeNode('till')
    rig.network.addNode('till', till, { metadata: { millrace: { persist: true } } })
    rig.network.addWire(end('till.Sum'), end('sums.In'))
    await rig.add(3)
    expect(rig.sums).toEqual([5, 8])
  })

  it('begins to be kept, and ceases, when its options change while it runs', async () => {
    const store = new MemoryStore()
    const rig = tillOn(store, {})
    await rig.start()
    await rig.add(5)
    expect(rig.node('till').kept).toBeUndefined()
    rig.network.setConfig('till', { millrace: { persist: { everyMs: 10 } } })
    await rig.platform.advance(10)
    expect(sumIn(store)).toBe(5)
    rig.network.setConfig('till', {})
    await rig.add(1)
    await rig.platform.advance(1_000)
    await rig.stop()
    expect(sumIn(store)).toBe(5)
  })

  it('is fresh when what was kept cannot be used, which is told and put aside', async () => {
    for (const broken of [
      { actor: 'Till', text: 'nonsense' },
      { actor: 'Drawer', text: '{}' },
    ]) {
      const store = new MemoryStore()
      store.kept.set('till', { node: 'till', savedAtMs: 1, ...broken })
      const rig = tillOn(store)
      await rig.start()
      await rig.add(2)
      expect(rig.sums).toEqual([2])
      expect(store.aside).toEqual(['till'])
      expect(rig.log).toContainEqual({
        level: 'error',
        node: 'till',
        text: expect.stringContaining('aside/till [STATE_BROKEN]'),
      })
    }
  })

  it('tells a loss that its store tells', async () => {
    const store = new MemoryStore()
    store.kept.set('till', { node: 'till', actor: 'Till', savedAtMs: 1, text: '{"sum":3,"seen":{"$":"Set","v":[]}}' })
    store.warning = 'a newer one is broken'
    const rig = tillOn(store)
    await rig.start()
    expect(rig.log).toContainEqual({
      level: 'warn',
      node: 'till',
      text: expect.stringContaining('a newer one is broken'),
    })
  })

  it('that cannot be written is told once, and written when it can be again', async () => {
    const store = new MemoryStore()
    store.refusal = new Error('no space left')
    const rig = tillOn(store, { persist: { everyMs: 10 } })
    await rig.start()
    await rig.add(1)
    for (let time = 0; time < 3; time++) await rig.platform.advance(10)
    expect(rig.events.filter(({ type }) => type === 'stateNotKept')).toEqual([
      { type: 'stateNotKept', node: 'till', reason: 'no space left' },
    ])
    expect(rig.node('till').kept).toMatchObject({ fault: 'no space left' })
    store.refusal = undefined
    await rig.platform.advance(10)
    expect(sumIn(store)).toBe(1)
    expect(rig.node('till').kept?.fault).toBeUndefined()
  })

  it('is written whole before a stop is done, the newest last', async () => {
    const store = new MemoryStore()
    let open = () => {}
    store.waiting = new Promise((resolve) => (open = resolve))
    const rig = tillOn(store, { persist: { everyMs: 10 } })
    await rig.start()
    await rig.add(1)
    await rig.platform.advance(10)
    await rig.add(2)
    let stopped = false
    const stop = rig.network.stop().then(() => (stopped = true))
    await rig.settle()
    expect(stopped).toBe(false)
    open()
    await stop
    expect(sumIn(store)).toBe(3)
  })

  it('of a class is refused with the way out, and kept as its actor says', async () => {
    class Tally {
      sum = 0
    }
    const asItIs = defineActor({
      ...till,
      name: 'AsItIs',
      state: () => new Tally(),
      run: ({ state }) => void state.sum++,
    })
    const asSaid = defineActor({
      name: 'AsSaid',
      inports: { In: {} },
      state: () => new Tally(),
      saveState: ({ sum }) => sum,
      restoreState: (saved) => Object.assign(new Tally(), { sum: saved as number }),
      run: ({ state }) => void state.sum++,
    })
    const store = new MemoryStore()
    const metadata = { millrace: { persist: { everyMs: 10 } } }
    const rig = makeNetwork({ states: store })
    rig.network.addNode('a', asItIs, { metadata })
    rig.network.addNode('b', asSaid, { metadata })
    await rig.start()
    rig.network.send('b', 'In', 1)
    await rig.settle()
    await rig.platform.advance(10)
    expect(rig.events.find(({ type }) => type === 'stateNotKept')).toMatchObject({
      node: 'a',
      reason: expect.stringMatching(/state is an object of the class Tally; .*saveState/),
    })
    expect(store.kept.get('b')?.text).toBe('1')
    await rig.network.restartNode('b')
    rig.network.send('b', 'In', 1)
    await rig.stop()
    expect(store.kept.get('b')?.text).toBe('2')
  })

  it('is refused where nothing keeps states, and is told where two would keep theirs under one name', async () => {
    const bare = makeNetwork()
    const metadata = { millrace: { persist: true } }
    expect(() => bare.network.addNode('till', till, { metadata })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('nothing keeps states here'),
      }),
    )
    const rig = makeNetwork({ states: new MemoryStore() })
    rig.network.addNode('till', till, { metadata })
    rig.network.addNode('other', till, { metadata: { millrace: { persist: { as: 'till' } } } })
    await rig.start()
    expect(rig.events).toContainEqual({
      type: 'stateNotKept',
      node: 'till',
      reason: expect.stringContaining('node "other" keeps its state under the same name'),
    })
  })
})
