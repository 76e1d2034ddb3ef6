import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createConsole, type HostProcess, type Interrupt } from '../../src/cli/console.ts'

/** A process whose streams and signals are in the hands of the test. */
function fakeProcess({ env = {}, isTTY = false } = {}) {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const host = Object.assign(new EventEmitter(), {
    stdout: Object.assign(stdout, { isTTY }),
    stderr,
    stdin: Object.assign(stdin, { isTTY }),
    env,
  })
  return { host: host as unknown as HostProcess & EventEmitter, stdout, stderr, stdin }
}

describe('a console', () => {
  it('takes a Ctrl-C that npm passes on for the same one, and a later one for another', () => {
    const { host } = fakeProcess()
    let nowMs = 0
    const seen: Interrupt[] = []
    const undo = createConsole(host, () => nowMs).onInterrupt((why) => seen.push(why))
    host.emit('SIGINT')
    nowMs += 20
    host.emit('SIGINT')
    expect(seen).toEqual([{ reason: 'SIGINT', code: 130 }])
    nowMs += 1_000
    host.emit('SIGTERM')
    expect(seen[1]).toEqual({ reason: 'SIGTERM', code: 143 })
    undo()
    expect(host.listenerCount('SIGINT')).toBe(0)
  })

  it('says once that its reader is gone, and prints no more', () => {
    const { host, stdout } = fakeProcess()
    const console = createConsole(host)
    const seen: Interrupt[] = []
    console.onInterrupt((why) => seen.push(why))
    console.print('one')
    stdout.emit('error', new Error('EPIPE'))
    stdout.emit('error', new Error('EPIPE'))
    console.print('two')
    expect(seen).toEqual([{ reason: 'reader gone', code: 0 }])
    expect(String(stdout.read())).toBe('one\n')
  })

  it('tells a latecomer that the reader is gone', async () => {
    const { host, stdout } = fakeProcess()
    const console = createConsole(host)
    stdout.emit('error', new Error('EPIPE'))
    expect(await new Promise((resolve) => console.onInterrupt(resolve))).toMatchObject({ reason: 'reader gone' })
  })

  it.each([
    [{ isTTY: true }, true],
    [{ isTTY: false }, false],
    [{ isTTY: true, env: { NO_COLOR: '1' } }, false],
    [{ isTTY: true, env: { NO_COLOR: '' } }, true],
    [{ isTTY: true, env: { TERM: 'dumb' } }, false],
  ])('uses colours for %j: %s', (given, expected) => {
    expect(createConsole(fakeProcess(given).host).colours).toBe(expected)
  })

  it('hands on typed lines, however they are cut', () => {
    const { host, stdin } = fakeProcess()
    const lines: string[] = []
    const undo = createConsole(host).onLine((line) => lines.push(line))
    for (const part of ['u', '\nsec', 'ond\n', 'third']) stdin.emit('data', Buffer.from(part))
    expect(lines).toEqual(['u', 'second'])
    undo()
    expect(stdin.listenerCount('data')).toBe(0)
  })
})
