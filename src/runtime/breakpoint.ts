import { assertNever, type BreakpointCondition } from '../shared/index.ts'

/** Whether a message is one that a breakpoint is for: all conditions hold, or there are none. Never throws. */
export function matchesBreakpoint(conditions: readonly BreakpointCondition[], value: unknown): boolean {
  return conditions.every((condition) => {
    try {
      return holds(condition, valueAt(value, condition.path))
    } catch {
      // A getter of the message that throws: it has no such field.
      return false
    }
  })
}

/** What stands at `a.b.0` in a message; the message itself for an empty path. */
function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value
  let found = value
  for (const key of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as Readonly<Record<string, unknown>>)[key]
  }
  return found
}

function holds({ operator, value }: BreakpointCondition, found: unknown): boolean {
  switch (operator) {
    case 'equals':
      return isSame(found, value)
    case 'not-equals':
      return !isSame(found, value)
    case 'less':
      return isOrdered(found, value) && found < (value as typeof found)
    case 'greater':
      return isOrdered(found, value) && found > (value as typeof found)
    case 'contains':
      if (typeof found === 'string') return found.includes(String(value))
      return Array.isArray(found) && found.some((item) => isSame(item, value))
    case 'exists':
      return found !== undefined
    default:
      return assertNever(operator)
  }
}

function isSame(found: unknown, value: unknown): boolean {
  if (typeof found === 'bigint') return String(found) === String(value)
  return Object.is(found, value) || found === value
}

function isOrdered(found: unknown, value: unknown): found is number | bigint | string {
  if (typeof found === 'bigint') return typeof value === 'number'
  return (typeof found === 'number' || typeof found === 'string') && typeof found === typeof value
}
