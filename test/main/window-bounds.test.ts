import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { writeTextFile } from '../../src/lab/index.ts'
import { BoundsFile } from '../../src/main/window-bounds.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})
const screen = { x: 0, y: 0, width: 1920, height: 1080 }
const left = { x: 40, y: 30, width: 1280, height: 800, isMaximised: true }

describe('the place of a window', () => {
  const boundsFile = () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bounds-'))
    folders.push(folder)
    return { folder, file: new BoundsFile(folder) }
  }

  it('is found as it was left', () => {
    const { file } = boundsFile()
    expect(file.read([screen])).toBeUndefined()
    file.write(left, writeTextFile)
    expect(file.read([screen])).toEqual(left)
  })

  it('is given up where no screen is any more, or where its title bar could not be reached', () => {
    const { file } = boundsFile()
    for (const place of [{ x: 2_000 }, { x: -1_230 }, { y: -400 }, { y: 1_050 }]) {
      file.write({ ...left, ...place }, writeTextFile)
      expect(file.read([screen])).toBeUndefined()
    }
    file.write({ ...left, x: 2_000 }, writeTextFile)
    expect(file.read([screen, { ...screen, x: 1_920 }])).toBeDefined()
  })

  it('does not trip over a file that is damaged', () => {
    const { folder, file } = boundsFile()
    for (const text of ['', '{', '{"x":"a"}', '{"x":1,"y":1,"width":1,"height":1,"isMaximised":false}']) {
      writeFileSync(path.join(folder, 'window-bounds.json'), text)
      expect(file.read([screen])).toBeUndefined()
    }
  })
})
