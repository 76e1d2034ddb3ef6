import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { change, filter, map, switchActor } from '../../src/actors/index.ts'
import { compile } from '../../src/actors/expression/expression.ts'
import { LinearRegex } from '../../src/actors/expression/linear-regex.ts'
import { startRig } from './rig.ts'

afterEach(() => void vi.useRealTimers())

describe('an expression', () => {
  it.each([
    ['($x := function($y) { $y($y) }; $x($x))', /longer than 250 ms|deeper than/],
    ['($f := function($n) { 1 + $f($n + 1) }; $f(0))', /deeper than 200 levels/],
    ['[1..9999999]', /more than 100000 items|out of memory|sequence/i],
    ['$pad("x", 500000000)', /at most/],
    ['$contains("aaaaaaaaaaaaaaaa", /(?=a)b/)', /regular expression/],
  ])('%s is stopped with a clear error', async (text, reason) => {
    // On a machine that is busy with something else the limit of time would come before the one that is looked for.
    if (!reason.test('longer than 250 ms')) vi.useFakeTimers({ toFake: ['Date'] })
    await expect(compile(text).evaluate({})).rejects.toMatchObject({
      code: 'EXPRESSION_FAILED',
      message: expect.stringMatching(reason) as string,
    })
  })

  it.each(['^(a+)+$', '^(a|aa)+$', '(.*)*x', '^(([a-z])+.)+[A-Z]([a-z])+$'])(
    'with the regex /%s/, which takes for ever elsewhere, is answered',
    async (pattern) => {
      const answer = await compile(`$contains($, /${pattern}/)`).evaluate(`${'a'.repeat(5_000)}!`)
      expect(answer).toBe(false)
    },
  )

  it('gives plain messages, without what it needs for itself', async () => {
    const value = await compile('{"list": [$[a > 1].a], "sum": $sum(a)}').evaluate([{ a: 1 }, { a: 2 }, { a: 3 }])
    expect(structuredClone(value)).toEqual({ list: [2, 3], sum: 6 })
    await expect(compile('function($x) { $x }').evaluate({})).rejects.toMatchObject({ code: 'EXPRESSION_FAILED' })
  })

  it('matches as JavaScript does where both can', () => {
    const patterns = fc.constantFrom('a+b', '[a-c]{2}', '(a)(b)?', '^b', 'c$', '\\d+', 'x|y')
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'x', '1'), maxLength: 12 })
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const ours = new LinearRegex({ source: pattern, flags: 'g' })
        const theirs = new RegExp(pattern, 'g')
        for (let round = 0; round < 3; round++) {
          const [mine, other] = [ours.exec(text), theirs.exec(text)]
          expect(mine?.index).toBe(other?.index)
          expect(mine === null ? undefined : [...mine].map((group) => group ?? undefined)).toEqual(
            other === null ? undefined : [...other],
          )
          expect(ours.lastIndex).toBe(theirs.lastIndex)
          if (mine === null) break
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('actors with expressions', () => {
  it('map, filter and part messages, and leave what comes in as it is', async () => {
    const mapped = await startRig(map, { config: { expression: '{"twice": n * 2, "index": $index}' } })
    await mapped.send('Input', { n: 4 })
    expect(await mapped.probe('Output').until(1)).toEqual({ twice: 8, index: 0 })
    await mapped.stop()
    const parted = await startRig(filter, { config: { condition: 'n > 3' } })
    await parted.send('Input', { n: 4 })
    await parted.send('Input', { n: 3 })
    expect(await parted.probe('Output').until(1)).toEqual({ n: 4 })
    expect(await parted.probe('Rest').until(1)).toEqual({ n: 3 })
    await parted.stop()
    const switched = await startRig(switchActor, { config: { cases: ['$ < 5', '$ < 10'], match: 'all' } })
    for (const n of [1, 7, 20]) await switched.send('Input', n)
    expect(await switched.probe('Else').until(1)).toBe(20)
    expect(switched.probe('Case1').received).toEqual([1])
    expect(switched.probe('Case2').received).toEqual([1, 7])
    await switched.stop()
    const rules = [{ move: 'a.b', to: 'c' }, { set: 'd', by: 'c + 1' }, { set: 'e', to: null }, { remove: 'f' }]
    const changed = await startRig(change, { config: { rules } })
    await changed.send('Input', { a: { b: 1, x: 2 }, f: 3 })
    expect(await changed.probe('Output').until(1)).toEqual({ a: { x: 2 }, c: 1, d: 2, e: null })
    await changed.stop()
  })

  it('make a message whose expression fails a dead letter at once and go on', async () => {
    const rig = await startRig(map, { config: { expression: '$ = 1 ? ($x := function($y) { $y($y) }; $x($x)) : $' } })
    await rig.send('Input', 1)
    await rig.send('Input', 2)
    expect(await rig.probe('Output').until(1)).toBe(2)
    expect(rig.reasons()).toEqual([expect.stringMatching(/longer than 250 ms|deeper than/)])
    await rig.stop()
  })

  it('refuse an expression that does not parse, with its place', async () => {
    await expect(startRig(map, { config: { expression: '{"a": ' } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/expression.*not a JSONata expression.*character/) as string,
    })
  })
})
