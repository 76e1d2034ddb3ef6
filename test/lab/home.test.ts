import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Home, openLab, type HomeDoor } from '../../src/lab/index.ts'

const examples = path.resolve('resources/examples')

describe('Home', () => {
  let folder: string
  let opened: string[]
  const fileIn = (name: string) => path.join(folder, name)
  const make = (door: Partial<HomeDoor> = {}) =>
    new Home(
      { open: (file) => Promise.resolve(void opened.push(file)), ...door },
      { examples, stateDir: fileIn('state') },
    )

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-home-')))
    opened = []
    for (const name of ['a', 'b']) writeFileSync(fileIn(`${name}.lab.json`), '{"millrace":1,"instances":[]}')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('lists samples that can be opened, each of them', () => {
    const { samples } = make()
    expect(samples.filter(({ kind }) => kind === 'lab').map(({ id }) => id)).toEqual([
      'weather',
      'tutorial',
      'own-actors',
    ])
    expect(samples.length).toBeGreaterThan(25)
    for (const { file, kind } of samples) {
      if (kind === 'lab') continue
      const lab = openLab({
        file,
        door: 'none',
        workerFile: path.resolve('out/main/instance-worker.js'),
        consent: 'ask',
        stateDir: fileIn('state'),
      })
      expect(lab.describe().trust.trusted).toBe(true)
    }
  })

  it('remembers what was opened, newest first and each once, but no samples', async () => {
    const home = make()
    home.remember(fileIn('a.lab.json'))
    home.remember(fileIn('b.lab.json'))
    home.remember(fileIn('a.lab.json'))
    home.remember(path.join(examples, 'ml-pipeline/weather.lab.json'))
    expect(make().recentFiles).toEqual([fileIn('a.lab.json'), fileIn('b.lab.json')])
    await home.open({ file: fileIn('b.lab.json') })
    await home.open({ sample: 'tutorial' })
    expect(opened.map((file) => path.basename(file))).toEqual(['b.lab.json', 'tutorial.lab.json'])
    home.forget(fileIn('a.lab.json'))
    rmSync(fileIn('b.lab.json'))
    expect(home.describe().recent).toMatchObject([{ name: 'b.lab.json', folder, isThere: false }])
    await expect(home.open({ file: fileIn('b.lab.json') })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(home.open({ sample: 'none' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('opens in a browser what lies below the served folder or was opened before, and nothing else', async () => {
    mkdirSync(fileIn('served'))
    writeFileSync(fileIn('served/c.lab.json'), '{}')
    const home = make({ folder: fileIn('served') })
    await home.open({ file: 'c.lab.json' })
    await expect(home.open({ file: fileIn('a.lab.json') })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(home.open({ file: '../a.lab.json' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
    home.remember(fileIn('a.lab.json'))
    await home.open({ file: fileIn('a.lab.json') })
    await expect(home.choose()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(opened).toEqual([fileIn('served/c.lab.json'), fileIn('a.lab.json')])
  })

  it('does not trip over a list that is damaged', () => {
    mkdirSync(fileIn('state'))
    writeFileSync(fileIn('state/recent-labs.json'), '{"files":[1')
    expect(make().recentFiles).toEqual([])
  })
})
