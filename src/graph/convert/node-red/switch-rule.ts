import { expressionOf } from './typed-value.ts'

const comparisons: Readonly<Record<string, string>> = { eq: '=', neq: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' }
const kinds: Readonly<Record<string, string>> = {
  string: '$type($value) = "string"',
  number: '$type($value) = "number"',
  boolean: '$type($value) = "boolean"',
  array: '$type($value) = "array"',
  object: '$type($value) = "object"',
  null: '$type($value) = "null"',
  undefined: '$not($exists($value))',
}
const empty =
  '$value = "" or ($type($value) = "array" and $count($value) = 0) or ($type($value) = "object" and $count($keys($value)) = 0)'
const filled =
  '($type($value) = "string" and $value != "") or ($type($value) = "array" and $count($value) > 0) or ($type($value) = "object" and $count($keys($value)) > 0)'

/** A rule of a switch as a JSONata condition about `value`; `undefined` where it cannot be said. */
export function conditionOf(
  value: string,
  { t, v, vt, v2, v2t, case: ignoreCase }: Record<string, unknown>,
): string | undefined {
  const about = (condition: string) => condition.replaceAll('$value', () => value)
  const given = expressionOf(v, vt ?? 'str')
  const comparison = typeof t === 'string' && Object.hasOwn(comparisons, t) ? comparisons[t] : undefined
  if (comparison !== undefined) return given && `${value} ${comparison} ${given}`
  switch (t) {
    case 'btwn': {
      const upper = expressionOf(v2, v2t ?? 'str')
      if (given === undefined || upper === undefined) return undefined
      return `(${value} >= ${given} and ${value} <= ${upper}) or (${value} >= ${upper} and ${value} <= ${given})`
    }
    case 'cont':
      return given && `$contains($string(${value}), $string(${given}))`
    case 'regex': {
      const pattern = vt === 'str' || vt === undefined || vt === 're' ? String(v ?? '') : ''
      // The engine takes linear time, and so knows no looking around and no referring back.
      if (pattern === '' || /\(\?[=!<]|\\[1-9]/.test(pattern)) return undefined
      return `$contains($string(${value}), /${pattern.replaceAll(/\\?\//g, '\\/')}/${ignoreCase === true ? 'i' : ''})`
    }
    case 'true':
    case 'false':
      return `${value} = ${t}`
    case 'null':
      return about(`$type($value) = "null" or $not($exists($value))`)
    case 'nnull':
      return about(`$exists($value) and $type($value) != "null"`)
    case 'empty':
      return about(empty)
    case 'nempty':
      return about(filled)
    case 'istype': {
      const condition = typeof v === 'string' && Object.hasOwn(kinds, v) ? kinds[v] : undefined
      return condition && about(condition)
    }
    case 'hask':
      return given && about(`$type($value) = "object" and $exists($lookup($value, ${given}))`)
    default:
      return undefined
  }
}
