import * as fc from 'fast-check'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileStateStore } from '../../../src/lab/kept-states/file-state-store.ts'
import type { StateSnapshot } from '../../../src/runtime/index.ts'
import { PowerLost, SimulatedDisk } from './simulated-disk.ts'

const snapshot = (count: number): StateSnapshot => ({
  node: 'till',
  actor: 'Till',
  savedAtMs: 1_700_000_000_000 + count,
  text: JSON.stringify({ count }),
})
const storeOn = (disk: SimulatedDisk) => new FileStateStore('/states', disk)
const steady = () => 0.5

/** Saves 1 to `count`; a store that dies or fails ends it there. Gives the last that was saved for sure. */
async function saveUpTo(store: FileStateStore, count: number): Promise<number> {
  for (let next = 1; next <= count; next++) {
    try {
      await store.save('till', snapshot(next))
    } catch {
      return next - 1
    }
  }
  return count
}

describe('a store of states', () => {
  it('gives the old or the new state back after a loss of power at any step of a write', async () => {
    const whole = new SimulatedDisk(steady)
    await saveUpTo(storeOn(whole), 4)
    expect(whole.steps).toBeGreaterThan(20)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.steps),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (step, chances) => {
          const disk = new SimulatedDisk(() => chances.next().value)
          disk.diesAt = step
          const saved = await saveUpTo(storeOn(disk), 4)
          const restarted = disk.restarted()
          const found = storeOn(restarted).load('till')
          expect([saved === 0 ? undefined : snapshot(saved).text, snapshot(saved + 1).text]).toContain(found?.text)
          expect(found?.warning).toBeUndefined()
          // It goes on from there.
          const after = storeOn(restarted)
          await after.save('till', snapshot(9))
          expect(storeOn(restarted).load('till')).toEqual(snapshot(9))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('keeps what it has when the disk is full at any step, and goes on when there is room again', async () => {
    const whole = new SimulatedDisk(steady)
    await saveUpTo(storeOn(whole), 3)
    for (let step = 0; step < whole.steps; step++) {
      const disk = new SimulatedDisk(steady)
      disk.failsAt = step
      const store = storeOn(disk)
      let newest = 0
      for (let next = 1; next <= 3; next++) {
        const outcome = await store.save('till', snapshot(next)).then(
          () => 'saved',
          (error: unknown) => error,
        )
        const found = storeOn(disk).load('till')?.text
        if (outcome === 'saved') newest = next
        else expect(outcome).toMatchObject({ code: 'STATE_NOT_KEPT', message: expect.stringContaining('ENOSPC') })
        expect([newest === 0 ? undefined : snapshot(newest).text, snapshot(next).text]).toContain(found)
      }
      await store.save('till', snapshot(4))
      expect(storeOn(disk).load('till')).toEqual(snapshot(4))
    }
  })

  it('uses the state before when a byte of the newest is flipped, wherever, and says which file and what is lost', async () => {
    const disk = new SimulatedDisk(steady)
    await saveUpTo(storeOn(disk), 4)
    const newest = newestFile(disk, 4)
    const bytes = disk.read(newest) ?? new Uint8Array()
    for (let place = 0; place < bytes.length; place++) {
      for (const flip of [1, 0x80]) {
        const broken = Uint8Array.from(bytes)
        broken[place] = (broken[place] ?? 0) ^ flip
        const copy = copyOf(disk)
        copy.put(newest, broken)
        const found = storeOn(copy).load('till')
        expect(found?.text).toBe(snapshot(3).text)
        expect(found?.warning).toContain(newest)
        expect(found?.warning).toContain('what came after this one is lost')
      }
    }
  })

  it('uses the newest when the one before is broken, and puts the broken one out of the way of the next', async () => {
    const disk = new SimulatedDisk(steady)
    await saveUpTo(storeOn(disk), 4)
    const older = newestFile(disk, 3)
    const broken = Uint8Array.from(disk.read(older) ?? [])
    broken[broken.length - 3] = 0
    disk.put(older, broken)
    const store = storeOn(disk)
    expect(store.load('till')).toMatchObject({
      text: snapshot(4).text,
      warning: expect.stringContaining('nothing is lost'),
    })
    await store.save('till', snapshot(5))
    expect(storeOn(disk).load('till')).toEqual(snapshot(5))
    expect(disk.read(`${older}.broken`)).toEqual(broken)
  })

  it('refuses when both are broken, and nothing is written over them', async () => {
    const disk = new SimulatedDisk(steady)
    await saveUpTo(storeOn(disk), 2)
    for (const file of disk.files) disk.put(file, Uint8Array.of(1, 2, 3))
    const store = storeOn(disk)
    expect(() => store.load('till')).toThrow(expect.objectContaining({ code: 'STATE_BROKEN' }))
    const places = store.setAside('till').split(' and ')
    await store.save('till', snapshot(7))
    expect(places.map((place) => disk.read(place))).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)])
    expect(storeOn(disk).load('till')).toEqual(snapshot(7))
  })

  it('never throws anything but a coded error for a file of any bytes', async () => {
    const disk = new SimulatedDisk(steady)
    await saveUpTo(storeOn(disk), 1)
    const [file = ''] = disk.files
    const head = 'millrace-state 1 '
    const anyBytes = fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => new TextEncoder().encode(head + text)),
    )
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const copy = copyOf(disk)
        copy.put(file, bytes)
        expect(() => storeOn(copy).load('till')).toThrow(expect.objectContaining({ code: 'STATE_BROKEN' }))
      }),
    )
  })

  it('leaves alone what a newer Millrace has written', async () => {
    const disk = new SimulatedDisk(steady)
    const rest = '{"form":"of the future"}\n'
    const { createHash } = await import('node:crypto')
    const sum = createHash('sha256').update(`2\n${rest}`).digest('hex')
    await saveUpTo(storeOn(disk), 1)
    const [file = ''] = disk.files
    disk.put(file, new TextEncoder().encode(`millrace-state 2 ${sum}\n${rest}`))
    expect(() => storeOn(disk).load('till')).toThrow(expect.objectContaining({ code: 'FILE_VERSION' }))
    await expect(storeOn(disk).save('till', snapshot(1))).rejects.toMatchObject({ code: 'FILE_VERSION' })
  })

  it('keeps names apart that a disk may not take or tell apart', async () => {
    const disk = new SimulatedDisk(steady)
    const store = storeOn(disk)
    const names = ['Till', 'till', '../till', 'a/b', 'a.b', '', 'x'.repeat(300), '中']
    for (const [index, name] of names.entries()) await store.save(name, snapshot(index))
    expect(names.map((name) => storeOn(disk).load(name)?.text)).toEqual(names.map((_, index) => snapshot(index).text))
    expect(new Set(disk.files.map((file) => file.toLowerCase())).size).toBe(names.length)
    expect(disk.files.every((file) => path.dirname(file) === '/states')).toBe(true)
  })

  it('writes and reads on a real disk, for its owner alone', async () => {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'millrace-states-')), 'deep')
    const store = new FileStateStore(folder)
    expect(store.load('till')).toBeUndefined()
    await saveUpTo(store, 3)
    expect(new FileStateStore(folder).load('till')).toEqual(snapshot(3))
    const files = readdirSync(folder)
    expect(files).toHaveLength(2)
    expect(files.map((file) => statSync(path.join(folder, file)).mode & 0o077)).toEqual([0, 0])
    expect(readFileSync(path.join(folder, files[0] ?? ''), 'utf8')).toMatch(/^millrace-state 1 /)
    store.forget('till')
    expect(new FileStateStore(folder).load('till')).toBeUndefined()
    rmSync(path.dirname(folder), { recursive: true })
  })
})

it('a simulated disk that has died does nothing more', async () => {
  const disk = new SimulatedDisk(steady)
  disk.diesAt = 0
  await expect(disk.create('/x')).rejects.toBeInstanceOf(PowerLost)
})

function newestFile(disk: SimulatedDisk, count: number): string {
  const text = snapshot(count).text
  const file = disk.files.find((name) => new TextDecoder().decode(disk.read(name)).includes(text))
  if (file === undefined) throw new Error(`no file holds ${text}`)
  return file
}

function copyOf(disk: SimulatedDisk): SimulatedDisk {
  const copy = new SimulatedDisk(steady)
  for (const file of disk.files) copy.put(file, disk.read(file) ?? new Uint8Array())
  return copy
}
