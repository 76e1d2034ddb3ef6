import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const [light = '', dark = '', contrasting = ''] = readFileSync('src/renderer/styles/tokens.css', 'utf8').split(
  /\[data-theme='\w+'\]/u,
)
const words = ['text', 'muted', 'accent', 'good', 'warn', 'bad', 'info']
const grounds = ['panel', 'raised', 'canvas', 'hover', 'accent-soft', 'warn-soft', 'bad-soft']

/** The colours of a theme, by name. */
function tokensOf(css: string): Map<string, string> {
  return new Map([...css.matchAll(/--([\w-]+): (#[\da-f]{6});/gu)].map(([, name = '', value = '']) => [name, value]))
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(colour.slice(start, start + 2), 16) / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

describe.each([
  ['light', light],
  ['dark', dark],
  ['high contrast', contrasting],
])('the %s theme', (_name, css) => {
  const tokens = tokensOf(css)
  const token = (name: string) => tokens.get(name) ?? expect.fail(`no token ${name}`)

  it.each(words)('has 4.5:1 between %s and whatever it is written on', (word) => {
    const low = grounds.filter((ground) => contrast(token(word), token(ground)) < 4.5)
    expect(low).toEqual([])
  })

  it('has 4.5:1 on its main button, and 3:1 for lines in charts', () => {
    expect(contrast(token('on-accent'), token('accent'))).toBeGreaterThanOrEqual(4.5)
    for (let place = 1; place <= 6; place += 1)
      expect(contrast(token(`series-${place}`), token('panel'))).toBeGreaterThanOrEqual(3)
  })

  it('has the same names as the others', () => {
    const other = tokensOf(css === light ? dark : light)
    expect([...tokens.keys()]).toEqual([...other.keys()])
  })
})
