import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { report } from './report.ts'
import { isLong } from './scale.ts'
import { buildPeerProcess, PeerProcess } from './start-peer.ts'

const running: PeerProcess[] = []
beforeAll(buildPeerProcess)
afterEach(async () => {
  await Promise.all(running.splice(0).map((peer) => peer.stop()))
})

async function start(...given: Parameters<typeof PeerProcess.start>): Promise<PeerProcess> {
  const peer = await PeerProcess.start(...given)
  running.push(peer)
  return peer
}

const frozenMs = 60_000
const mebibyte = 1024 * 1024

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))

describe('an instance that sends at full rate to one in another process', () => {
  if (isLong)
    it('waits in little memory while the other is frozen for a minute, and then sends it all', async () => {
      const there = await start({ name: 'there' })
      const heap = ['--max-old-space-size=256', '--expose-gc']
      const here = await start({ name: 'here', to: { name: 'there', address: there.address } }, heap)
      await there.until(({ taken }) => taken > 2_000)
      there.signal('SIGSTOP')
      const before = await here.tell({ type: 'look' })
      const beganMs = performance.now()
      let most = before
      while (performance.now() - beganMs < frozenMs) {
        await pause(100)
        const now = await here.tell({ type: 'look' })
        if (now.heapBytes > most.heapBytes) most = now
      }
      const frozen = await here.tell({ type: 'look' })
      there.signal('SIGCONT')
      await there.until(({ taken }) => taken > frozen.sent + 2_000)
      const { sent } = await here.tell({ type: 'end' })
      const { taken, findings } = await there.until((figures) => figures.taken >= sent - 1)
      const after = await here.tell({ type: 'look' })
      report('frozen', {
        frozenMs,
        sentBefore: before.sent,
        sentWhileFrozen: frozen.sent - before.sent,
        heapMiB: [before, most, after].map(({ heapBytes }) => Math.round(heapBytes / mebibyte)),
        rssMiB: [before, most, after].map(({ rssBytes }) => Math.round(rssBytes / mebibyte)),
        sent: after.sent,
        taken,
        reconnects: after.links[0]?.reconnects,
        warnings: after.warnings,
      })
      expect(findings).toEqual([])
      expect(taken).toBe(after.sent)
      expect(after.links).toMatchObject([{ lost: 0 }])
      // What the window, the queues and the wire hold; without back pressure it would be hundreds of thousands.
      expect(frozen.sent - before.sent).toBeLessThan(50_000)
      expect(most.heapBytes - before.heapBytes).toBeLessThan(32 * mebibyte)
    })

  it('knows what a killed one never had, and goes on in order with the one that comes in its place', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-fault-'))
    const takenBy = (file: string) => readFileSync(path.join(folder, file), 'utf8').split('\n').slice(0, -1).map(Number)
    const log = (file: string) => openSync(path.join(folder, file), 'a')
    try {
      const first = await start({ name: 'there', log: log('first') })
      const here = await start({ name: 'here', to: { name: 'there', address: first.address } })
      await first.until(({ taken }) => taken > 1_000)
      await first.kill()
      const port = Number(first.address.split(':')[1])
      const second = await start({ name: 'there', port, log: log('second') })
      await second.until(({ taken }) => taken > 1_000)
      await here.tell({ type: 'end' })
      const { sent, links, warnings } = await here.until(({ links: [link] }) => link?.queued === 0)
      await second.until(({ taken }) => taken >= sent - (takenBy('second')[0] ?? 0))
      const [one, two] = [takenBy('first'), takenBy('second')]
      const missing = sent - one.length - two.length
      const [link] = links
      const { lost = 0, uncertain = 0 } = link ?? {}
      report('killed and started anew', { sent, one: one.length, two: two.length, missing, lost, uncertain })
      const inOrder = [...one, ...two].every((number, index, all) => index === 0 || number > (all[index - 1] ?? -1))
      expect(inOrder).toBe(true)
      expect(two.at(-1)).toBe(sent - 1)
      // What it never had is said to be lost, and what lay in its queues to be uncertain: nothing is gone of which nobody speaks.
      expect(missing).toBeLessThanOrEqual(lost + uncertain)
      expect(lost + uncertain).toBeGreaterThan(0)
      expect(lost).toBeLessThan(10_000)
      // A busy machine may kill it just after it had told of all that it had.
      expect(warnings.join('\n').includes('may have been lost with its last process')).toBe(uncertain > 0)
    } finally {
      rmSync(folder, { recursive: true })
    }
    // Tries to link again come at random moments that lie further apart the longer a start takes.
  }, 60_000)

  it('is fenced off when it is revived after another start has taken its place', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-fault-'))
    const taken = () => readFileSync(path.join(folder, 'taken'), 'utf8').split('\n').slice(0, -1).map(Number)
    try {
      const there = await start({ name: 'there', log: openSync(path.join(folder, 'taken'), 'a') })
      const to = { name: 'there', address: there.address }
      const frozen = await start({ name: 'here', to })
      await there.until((figures) => figures.taken > 1_000)
      frozen.signal('SIGSTOP')
      // What still comes of it would be a sign of life.
      let before = -1
      await there.until(({ taken: now }) => now === before || ((before = now), false))
      const successor = await start({ name: 'here', to })
      await there.until(() => taken().lastIndexOf(0) > 0)
      const begun = taken().lastIndexOf(0)
      expect(begun).toBeGreaterThan(1_000)
      frozen.signal('SIGCONT')
      const refused = await frozen.until(({ warnings }) => warnings.some((text) => text.includes('[SUPERSEDED]')))
      expect(refused.warnings.join('\n')).toContain('a newer start of here/1 has taken the place of this one')
      await successor.tell({ type: 'end' })
      const { sent } = await successor.until(({ links: [link] }) => link?.queued === 0)
      const after = await there.until((figures) => figures.taken >= begun + sent)
      // Each in order and none twice: nothing of the one before comes among what its successor sends.
      expect(taken()).toEqual([...Array(begun).keys(), ...Array(sent).keys()])
      expect(after.links).toMatchObject([{ peer: 'here/1', state: 'up', duplicated: 0 }])
      expect(after.warnings.join('\n')).toContain('[SUPERSEDED]')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 60_000)

  if (isLong)
    it('keeps its link to one that stalls for 2 s, and to one that never rests', async () => {
      const there = await start({ name: 'there' })
      const here = await start({ name: 'here', to: { name: 'there', address: there.address } })
      await there.until(({ taken }) => taken > 2_000)
      for (let stalls = 0; stalls < 5; stalls++) {
        await there.tell({ type: 'stall', ms: 2_000 })
        const { taken } = await there.tell({ type: 'look' })
        await there.until((now) => now.taken > taken)
      }
      const stalled = await here.tell({ type: 'look' })
      await there.tell({ type: 'burn' })
      await pause(20_000)
      const burning = await here.tell({ type: 'look' })
      const { findings } = await there.tell({ type: 'look' })
      report('stalled and busy', {
        takenWhileBusy: burning.sent - stalled.sent,
        states: [stalled, burning].map(({ links }) => links[0]?.state),
        reconnects: burning.links[0]?.reconnects,
        warnings: burning.warnings,
      })
      expect(burning.links).toMatchObject([{ lost: 0, duplicated: 0, reconnects: 0 }])
      expect(burning.links[0]?.state).toBe('up')
      expect(burning.sent).toBeGreaterThan(stalled.sent)
      expect(findings).toEqual([])
    })
})
