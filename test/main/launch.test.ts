import path from 'node:path'
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
    expect(parseLaunch(argv, '/root')).toEqual(expected)
  })

  it('shows the shipped lab when no file is named', () => {
    expect(parseLaunch(['electron', '/root'], '/root').file).toBe(
      path.join('/root', 'resources/examples/ml-pipeline/weather.lab.json'),
    )
  })
})

describe('launchFrom', () => {
  it('takes what another start hands over and nothing else', () => {
    expect(launchFrom({ file: '/a', portBase: 1 })).toEqual({ file: '/a', portBase: 1 })
    for (const other of [undefined, 'text', {}, { file: 5 }]) expect(launchFrom(other)).toBeUndefined()
  })
})
