import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { formatFile } from '../../../src/graph/index.ts'
import { openLab, type Lab } from '../../../src/lab/index.ts'
import { graph } from '../../graph/fixtures.ts'

const instance = 'n/1'
let folder: string
const labs: Lab[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-lab-states-'))
  const made = graph({ count: ['Counter', { millrace: { persist: true } }] })
  writeFileSync(path.join(folder, 'g.graph.json'), formatFile(made))
  const instances = [{ networkId: 'n', instanceId: '1', graph: 'g.graph.json', isolation: 'inline' }]
  writeFileSync(path.join(folder, 'a.lab.json'), JSON.stringify({ millrace: 1, instances }))
})
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.abandon()
  rmSync(folder, { recursive: true })
})

function open(options: { portBase?: number } = {}): Lab {
  const file = path.join(folder, 'a.lab.json')
  const lab = openLab({ file, door: 'browser', workerFile: 'none', consent: 'granted', stateDir: folder, ...options })
  labs.push(lab)
  return lab
}

const message = { type: 'Integer', data: 1 } as const
async function countAfterOneMore(lab: Lab, node: string): Promise<number | undefined> {
  await lab.send(instance, node, 'Input', message)
  await lab.stop(instance)
  return lab.metrics()[0]?.nodes.find(({ id }) => id === node)?.gauges['count']
}

it('the state of a node outlives its lab, and a restart and a renaming of the node, saved or not', async () => {
  const first = open()
  await first.start(instance)
  expect(await countAfterOneMore(first, 'count')).toBe(1)

  const second = open()
  await second.start(instance)
  await second.restart(instance)
  await second.ask(instance, 'restartNode', { node: 'count' })
  await second.graphs.edit('g.graph.json', [{ type: 'renameNode', id: 'count', to: 'tally' }])
  await second.graphs.apply('g.graph.json')
  await second.graphs.save('g.graph.json')
  expect(await countAfterOneMore(second, 'tally')).toBe(2)

  const third = open()
  await third.start(instance)
  expect(await countAfterOneMore(third, 'tally')).toBe(3)
  const apart = open({ portBase: 19_000 })
  await apart.start(instance)
  expect(await countAfterOneMore(apart, 'tally')).toBe(1)
})

it('a broken file of state costs what came after the one before it, and the log says which', async () => {
  for (let time = 0; time < 2; time++) {
    const lab = open()
    await lab.start(instance)
    await countAfterOneMore(lab, 'count')
  }
  // Beside it is the socket of the lab that runs.
  const states = readdirSync(path.join(folder, 'states')).find((name) => !name.endsWith('.socket')) ?? ''
  const [own = ''] = readdirSync(path.join(folder, 'states', states))
  const place = path.join(folder, 'states', states, own)
  const newest = readdirSync(place).find((file) => readFileSync(path.join(place, file), 'utf8').includes('"counted":2'))
  const file = path.join(place, newest ?? '')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"counted":2', '"counted":9'))
  const lab = open()
  await lab.start(instance)
  expect(await countAfterOneMore(lab, 'count')).toBe(2)
  const warning = lab.logs.recent({ limit: 100 }).find(({ level, node }) => level === 'warn' && node === 'count')
  expect(warning?.text).toContain(`what came after this one is lost (${file}: its checksum does not fit)`)
})
