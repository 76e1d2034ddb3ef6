import { isRecord } from '../../graph-parts.ts'
import { through, type Counterparts } from './counterpart.ts'
import { text } from './flow.ts'
import { conditionOf } from './switch-rule.ts'
import { expressionOf, fieldOf, pathOf } from './typed-value.ts'
import { translateTemplate } from './template-text.ts'

const mostCases = 8

/** What looks into messages and makes others: switch, change, template, range. */
export const routeAndChange: Counterparts = {
  switch: ({ fields }) => {
    const value =
      fields['propertyType'] === 'msg' || fields['propertyType'] === undefined ? pathOf(fields['property']) : undefined
    if (value === undefined) return `it looks at "${text(fields['property'])}", and only payloads travel here`
    const rules = (Array.isArray(fields['rules']) ? fields['rules'] : []).filter(isRecord)
    const isElse = (rule: Record<string, unknown> | undefined) => rule?.['t'] === 'else'
    if (rules.slice(0, -1).some(isElse)) return 'its "otherwise" is not the last rule'
    const cases: string[] = []
    const outports: string[] = []
    for (const rule of rules) {
      if (isElse(rule)) {
        outports.push('Else')
        continue
      }
      const condition = conditionOf(value, rule)
      if (condition === undefined) return `its rule ${outports.length + 1} (${text(rule['t'])}) cannot be said here`
      cases.push(condition)
      outports.push(`Case${cases.length}`)
    }
    if (cases.length === 0 || cases.length > mostCases)
      return `it has ${cases.length} rules, and a Switch has 1 to ${mostCases}`
    const match = fields['checkall'] === 'false' || fields['checkall'] === false ? 'first' : 'all'
    const changed = ['it compares strictly: the text "5" is not the number 5']
    return { ...through('Switch', { cases, match }, ...changed), outports }
  },
  change: ({ fields }) => {
    const rules = (Array.isArray(fields['rules']) ? fields['rules'] : []).filter(isRecord)
    const [first, ...others] = rules
    if (first === undefined) return 'it has no rules'
    const whole = others.length === 0 ? wholePayload(first) : undefined
    if (whole !== undefined) return through('Map', { expression: whole }, 'it makes the whole message anew')
    const made = rules.map(ruleOf)
    const wrong = made.indexOf(undefined)
    if (wrong >= 0)
      return `its rule ${wrong + 1} (${text(rules[wrong]?.['t'])} ${text(rules[wrong]?.['p'])}) cannot be said here`
    return through('Change', { rules: made }, 'what it gets has to be an object')
  },
  template: ({ fields }) => {
    const { field, fieldType, syntax, output, template } = fields
    if ((field ?? 'payload') !== 'payload' || (fieldType ?? 'msg') !== 'msg') return `it sets "${text(field)}"`
    if (output !== undefined && output !== 'str') return `it reads its own text as ${text(output)}`
    if (syntax === 'plain') return through('Map', { expression: JSON.stringify(text(template)) })
    const translated = translateTemplate(text(template))
    if (typeof translated !== 'string') return `it fills in "${translated.name}", and only payloads travel here`
    return through('Template', { template: translated, escape: 'html' })
  },
  range: ({ fields }) => {
    const value = pathOf(fields['property'] ?? 'payload')
    if (value !== '$') return `it scales "${text(fields['property'])}"`
    if ((fields['action'] ?? 'scale') !== 'scale')
      return `what lies outside is not left as it is (${text(fields['action'])})`
    const [from, to, least, most] = ['minin', 'maxin', 'minout', 'maxout'].map((name) => Number(fields[name]))
    if ([from, to, least, most].some((number) => number === undefined || !Number.isFinite(number)) || from === to)
      return 'its range is not given'
    const scaled = `($ - (${from})) / (${Number(to) - Number(from)}) * (${Number(most) - Number(least)}) + (${least})`
    return through('Map', { expression: fields['round'] === true ? `$round(${scaled})` : scaled })
  },
}

/** The one rule that makes the whole payload anew, as JSONata. */
function wholePayload({ t, p, to, tot, pt }: Record<string, unknown>): string | undefined {
  if (pt !== undefined && pt !== 'msg') return undefined
  if (t === 'set' && fieldOf(p) === '') return expressionOf(to, tot)
  if (t === 'move' && fieldOf(to) === '' && fieldOf(p) !== '') return pathOf(p)
  return undefined
}

/** A rule on a field of the payload, as the actor Change has them. */
function ruleOf({ t, p, pt, to, tot }: Record<string, unknown>): Record<string, unknown> | undefined {
  const field = pt === undefined || pt === 'msg' ? fieldOf(p) : undefined
  if (field === undefined || field === '') return undefined
  switch (t) {
    case 'set': {
      const by = expressionOf(to, tot)
      if (by === undefined) return undefined
      return tot === 'msg' || tot === 'date' ? { set: field, by } : { set: field, to: JSON.parse(by) as unknown }
    }
    case 'delete':
      return { remove: field }
    case 'move': {
      const target = tot === undefined || tot === 'msg' ? fieldOf(to) : undefined
      return target === undefined || target === '' ? undefined : { move: field, to: target }
    }
    default:
      return undefined
  }
}
