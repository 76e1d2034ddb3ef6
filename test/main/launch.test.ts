import { describe, expect, it } from 'vitest'
import { launchFrom, parseLaunch } from '../../src/main/launch.ts'

describe('parseLaunch', () => {
  it.each([
    [['electron', '/root', '--', '/a.lab.json'], { file: '/a.lab.json' }],
    [
      ['electron', '--no-sandbox', '/root', '--', '/a.lab.json', '--port-base', '19000'],
      { file: '/a.lab.json', portBase: 19_000 },
    ],
    [['electron', '/root', '--', '--port-base', '19000', '/a.lab.json'], { file: '/a.lab.json', portBase: 19_000 }],
    [['electron', '/root', '--', '/a.lab.json', '--port-base', 'many'], { file: '/a.lab.json' }],
  ])('reads %j', (argv, expected) => {
    expect(parseLaunch(argv, { isInstalled: false })).toEqual(expected)
  })

  it('names no file when none was named', () => {
    expect(parseLaunch(['electron', '/root'], { isInstalled: false })).toEqual({})
    expect(parseLaunch(['Millrace', '--no-sandbox'], { isInstalled: true })).toEqual({})
  })

  it('takes the file or the link that the system opens the installed program with', () => {
    expect(parseLaunch(['Millrace', '/a.lab.json'], { isInstalled: true })).toEqual({ file: '/a.lab.json' })
    const link = 'millrace://join?peer=127.0.0.1:9001'
    expect(parseLaunch(['Millrace', '--no-sandbox', link], { isInstalled: true })).toEqual({ link })
  })
})

describe('launchFrom', () => {
  it('takes what another start hands over and nothing else', () => {
    expect(launchFrom({ file: '/a', portBase: 1 })).toEqual({ file: '/a', portBase: 1 })
    expect(launchFrom({})).toEqual({})
    for (const other of [undefined, 'text', { file: 5 }, { link: {} }]) expect(launchFrom(other)).toBeUndefined()
  })
})
