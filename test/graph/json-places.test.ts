import fc from 'fast-check'
import { parseTree, findNodeAtLocation } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { placesIn } from '../../src/graph/json-places.ts'

/** Every path into a value. */
function pathsInto(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]]
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [[], ...entries.flatMap(([key, part]) => pathsInto(part).map((path) => [key, ...path]))]
}

describe('places in a text', () => {
  it('are those that a tree of it gives, however it is laid out', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown)
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, 4, '\t'), fc.constantFrom('', ' \n'), (value, indent, around) => {
        const text = `${around}${JSON.stringify(value, undefined, indent)}${around}`
        const tree = parseTree(text)!
        const offsetOf = placesIn(text)
        for (const path of pathsInto(value)) {
          // A key with an escape in it is left to the tree, as is one that inherited things go by.
          if (
            path.some(
              (step) => typeof step === 'string' && (JSON.stringify(step).includes('\\') || step === '__proto__'),
            )
          )
            continue
          expect([text, path, offsetOf(path)]).toEqual([text, path, findNodeAtLocation(tree, path)!.offset])
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are those of the nearest part around what is not there', () => {
    const text = '{"a": [1, {"b": "\\"}"}], "c": {}}'
    const offsetOf = placesIn(text)
    expect(offsetOf(['a', 1, 'b'])).toBe(text.indexOf('"\\"}"'))
    expect(offsetOf(['a', 1, 'x', 'y'])).toBe(text.indexOf('{"b"'))
    expect(offsetOf(['a', 7])).toBe(text.indexOf('[1'))
    expect(offsetOf(['c', 'd'])).toBe(text.indexOf('{}'))
    expect(offsetOf(['z'])).toBe(0)
  })
})
