import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFile, examineOwnActors, openLab, type Lab, type LabEvent } from '../../src/lab/index.ts'
import { millrace, MillraceProcess } from './fixtures/millrace-process.ts'

const workerFile = path.resolve('out/main/instance-worker.js')
const edge = (nodeId: string, portId: string) => ({
  nodeId,
  portId,
  portName: '',
  expose: false,
  portType: { type: 'any' },
})

let folder: string
let lab: Lab | undefined
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-own-')))
  mkdirSync(path.join(folder, 'actors'))
})
afterEach(async () => {
  await lab?.abandon()
  lab = undefined
  rmSync(folder, { recursive: true, force: true })
})

const save = (name: string, text: string) => writeFileSync(path.join(folder, name), text)

/** Marks what it gets with a version, slowly enough for a queue to form. */
const marker = (mark: string, extra = '') => `
import { defineActor } from 'millrace'
import * as v from 'valibot'
export const marker = defineActor({
  name: 'Marker',
  inports: { Input: {} },
  outports: { Output: { kind: 'string' } },
  config: v.object({ suffix: v.optional(v.string(), '') }),
  state: () => ({ seen: 0 }),
  async run({ inputs, state, config }) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    state.seen += 1
    ${extra}
    return { Output: \`\${inputs.Input as number} ${mark} \${state.seen}\${config.suffix}\` }
  },
})
`

function saveLab(
  given: { isolation?: string; component?: string; metadata?: Record<string, unknown>; limit?: number } = {},
) {
  const { isolation, component = 'Marker', metadata = {}, limit = 300 } = given
  const graph = {
    caseSensitive: true,
    properties: { name: 'g' },
    processes: {
      ticks: { id: 'ticks', component: 'Interval', metadata: { intervalMs: 1, value: 'count', limit } },
      marker: { id: 'marker', component, metadata },
      logger: { id: 'logger', component: 'DistributedLogger', metadata: {} },
    },
    connections: [
      { from: edge('ticks', 'Output'), to: edge('marker', 'Input') },
      { from: edge('marker', 'Output'), to: edge('logger', 'Input') },
    ],
  }
  save('g.graph.json', JSON.stringify(graph))
  const instance = { networkId: 'a', instanceId: '1', graph: 'g.graph.json', ...(isolation && { isolation }) }
  save('a.lab.json', JSON.stringify({ millrace: 1, actors: './actors', instances: [instance] }))
  return path.join(folder, 'a.lab.json')
}

function open(file: string, consent: 'ask' | 'granted' = 'granted') {
  const opened = openLab({
    file,
    door: 'none',
    workerFile,
    consent,
    stateDir: path.join(folder, 'state'),
    restartAfterCrash: false,
  })
  lab = opened
  const lines: string[] = []
  const waiters = new Set<() => void>()
  opened.subscribe((event: LabEvent) => {
    if (event.type === 'log') lines.push(event.entry.text)
    for (const wake of waiters) wake()
  })
  /** Waits until something is true of the lab or its log. */
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo()) return
        waiters.delete(look)
        resolve()
      }
      waiters.add(look)
      look()
    })
  return { lab: opened, lines, until, logged: (part: string) => until(() => lines.some((line) => line.includes(part))) }
}

describe.each(['thread', 'process'])('an own actor in a %s', (isolation) => {
  it('goes over to what is saved, and loses neither a queued message nor its state', async () => {
    save('actors/marker.ts', marker('one'))
    const { lab: opened, lines, until } = open(saveLab({ isolation, limit: 100_000 }))
    await opened.startAll()
    await until(() => lines.some((line) => / one /.test(line)))
    save('actors/marker.ts', marker('two'))
    await until(() => lines.some((line) => / two /.test(line)))
    await until(() => lines.filter((line) => / two /.test(line)).length > 100)
    const marked = lines.filter((line) => /^\d+ (?:one|two) /.test(line)).map((line) => line.split(' '))
    const inOrder = marked.map((_, index) => index + 1)
    // In order, none lost, none twice, counted on by the same state.
    expect(marked.map(([number]) => Number(number))).toEqual(inOrder)
    expect(marked.map(([, , seen]) => Number(seen))).toEqual(inOrder)
    expect(marked.filter(([, mark]) => mark === 'one').length).toBeGreaterThan(0)
    await until(() => opened.metrics()[0]?.ownActors?.reloads === 1)
    expect(opened.metrics()[0]?.ownActors?.held).toBeLessThanOrEqual(1)
    const shown = await millrace(['status', opened.describe().instances[0]?.address ?? ''])
    expect(shown.stdout.join('\n')).toMatch(/own actors: 1 reload, [01] old versions? still held/)
  })
})

describe('a module of own actors', () => {
  it('that fails leaves its old version running and says file and line', async () => {
    save('actors/marker.ts', marker('one'))
    const { lab: opened, lines, until, logged } = open(saveLab({ limit: 100_000 }))
    await opened.startAll()
    await until(() => lines.some((line) => / one /.test(line)))
    save('actors/marker.ts', `${marker('two')}\nconst broken = = 3\n`)
    await logged('actors/marker.ts:18:16')
    expect(lines.find((line) => line.includes('actors/marker.ts:18'))).toMatch(
      /its old version goes on \[ACTOR_MODULE_INVALID\]/,
    )
    expect(opened.describe().ownActors?.modules[0]).toMatchObject({
      actors: ['Marker'],
      error: expect.stringContaining(':18:16') as string,
    })
    save('actors/marker.ts', `${marker('two')}\nthrow new Error('not today')\n`)
    await logged('actors/marker.ts:18:7: not today')
    const before = lines.length
    await until(() => lines.slice(before).some((line) => / one /.test(line)))
    save('actors/marker.ts', marker('three'))
    await until(() => lines.some((line) => / three /.test(line)))
    expect(opened.describe().ownActors?.modules).toEqual([{ file: 'marker.ts', actors: ['Marker'] }])
  })

  it('whose ports change leaves its nodes as they are until the instance starts anew, and says so', async () => {
    save('actors/marker.ts', marker('one'))
    const { lab: opened, lines, until, logged } = open(saveLab({ limit: 100_000 }))
    await opened.startAll()
    await until(() => lines.some((line) => / one /.test(line)))
    const wider = marker('two').replace('inports: { Input: {} }', 'inports: { Input: {}, More: { required: false } }')
    save('actors/marker.ts', wider)
    await logged('the ports of Marker have changed: marker go on with the old version')
    const before = lines.length
    await until(() => lines.slice(before).some((line) => / one /.test(line)))
    expect(lines.some((line) => / two /.test(line))).toBe(false)
    await opened.restart('a/1')
    await until(() => lines.some((line) => / two /.test(line)))
  })

  it('keeps an instance from starting when it never loaded, and says why', async () => {
    save('actors/marker.ts', 'export const marker = (')
    const { lab: opened, logged } = open(saveLab())
    await expect(opened.startAll()).rejects.toMatchObject({
      code: expect.stringMatching(/ACTOR_(?:MODULE_INVALID|UNKNOWN)/) as string,
    })
    await logged('actors/marker.ts:1:')
  })

  it('that fails in a behaviour is named with file and line', async () => {
    save('actors/marker.ts', marker('one', "if (state.seen === 3) throw new Error('three is too much')"))
    const { logged, lab: opened } = open(saveLab())
    await opened.startAll()
    await logged('three is too much (actors/marker.ts:13:')
  })

  it('that brings the process of its instance down is named as the cause', async () => {
    save('actors/marker.ts', marker('one', "setTimeout(() => { throw new Error('nobody caught this') })"))
    const { lab: opened, until } = open(saveLab({ isolation: 'process' }))
    await opened.startAll()
    const exit = () => opened.describe().instances[0]?.lastExit
    await until(() => exit() !== undefined)
    expect(JSON.stringify(exit())).toContain('its process threw Error: nobody caught this')
  })

  it('takes part in the catalogue with ports and config once its folder is trusted, and runs nothing before', async () => {
    save(
      'actors/marker.ts',
      `${marker('one')}\nimport { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(path.join(folder, 'ran'))}, '')`,
    )
    const { lab: opened, until } = open(saveLab(), 'ask')
    expect(opened.catalogue.some(({ name }) => name === 'Marker')).toBe(false)
    expect(opened.describe().trust.abilities[0]).toMatch(/runs code of its own.*actors \(marker\.ts\)/)
    expect(opened.describe().warnings).toEqual([])
    await expect(opened.startAll()).rejects.toMatchObject({ code: 'NOT_TRUSTED' })
    opened.trust()
    await until(() => opened.catalogue.some(({ name }) => name === 'Marker'))
    expect(opened.catalogue.find(({ name }) => name === 'Marker')).toMatchObject({
      inports: { Input: { kind: 'any' } },
      outports: { Output: { kind: 'string' } },
      config: { type: 'object', properties: { suffix: { type: 'string', default: '' } } },
    })
  })

  it('is known to a check, which lets it do nothing', async () => {
    save('actors/marker.ts', marker('one'))
    const file = saveLab({ metadata: { suffix: 3 } })
    const findings = checkFile(file, {}, await examineOwnActors(file, workerFile))
    expect(
      findings.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`),
    ).toEqual([expect.stringMatching(/CONFIG_INVALID.*suffix/)])
    save(
      'actors/other.js',
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path.join(folder, 'ran'))}, '')`,
    )
    const knowledge = await examineOwnActors(file, workerFile)
    expect(knowledge?.errors.join()).toMatch(/actors\/other\.js.*(?:Access|permission|restricted)/i)
    const unknown = saveLab({ component: 'Marke' })
    const codes = checkFile(unknown, {}, await examineOwnActors(unknown, workerFile)).map(({ code }) => code)
    expect(codes).toContain('ACTOR_UNKNOWN')
  })
})

describe('the actor that runs programs', () => {
  const program = { command: process.execPath, args: ['-e', 'process.stdin.pipe(process.stdout)'] }

  it('is refused unless whoever runs the lab allows it', async () => {
    save('actors/marker.ts', marker('one'))
    const file = saveLab({ component: 'Exec', metadata: program, limit: 1 })
    const refused = await millrace(['run', file])
    expect(refused.code).toBe(1)
    expect(refused.stderr.join()).toMatch(/--allow-exec.*EXEC_REFUSED/)
    const allowed = new MillraceProcess(['run', file, '--allow-exec'])
    await allowed.line(/code: 0.*stdout: '1'/)
    expect(await allowed.interrupt()).toBe(0)
  })

  it('stands in the list of what trusting would allow', () => {
    const { lab: opened } = open(saveLab({ component: 'Exec', metadata: program }), 'ask')
    expect(opened.describe().trust.abilities.join('\n')).toMatch(
      /runs the program ".*node.*", if that is allowed with --allow-exec/,
    )
  })
})
