import type { Fix } from './finding.ts'
import type { JsonPath } from './json-text.ts'
import { nearestName } from './suggest.ts'

/** Writes the known name that was probably meant, where one is near. */
export function fixName(path: JsonPath, name: string, known: Iterable<string>): Fix | undefined {
  const near = nearestName(name, known)
  return near === undefined ? undefined : fixValue(path, near, `write "${near}"`)
}

/** Renames a key to the known one that was probably meant, where one is near and not there yet. */
export function fixKey(path: JsonPath, value: unknown, known: readonly string[], holder: object): Fix | undefined {
  const near = nearestName(String(path.at(-1)), known)
  if (near === undefined || Object.hasOwn(holder, near)) return undefined
  return {
    title: `rename to "${near}"`,
    automatic: true,
    commands: [
      {
        type: 'patch',
        changes: [
          { op: 'remove', path: [...path] },
          { op: 'add', path: [...path.slice(0, -1), near], value },
        ],
      },
    ],
  }
}

/** Writes another value where one stands. */
export function fixValue(path: JsonPath, value: unknown, title: string, { automatic = true } = {}): Fix {
  return { title, automatic, commands: [{ type: 'patch', changes: [{ op: 'replace', path: [...path], value }] }] }
}

/** Takes a part away. It is `automatic` only where the part says nothing that is not said elsewhere. */
export function fixByRemoving(path: JsonPath, title: string, { automatic }: { automatic: boolean }): Fix {
  return { title, automatic, commands: [{ type: 'patch', changes: [{ op: 'remove', path: [...path] }] }] }
}
