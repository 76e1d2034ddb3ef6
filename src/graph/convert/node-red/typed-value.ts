/** A value as Node-RED writes it: a text and what kind of value it stands for. */
export interface TypedValue {
  value: unknown
}

/** The value that a text of a Node-RED type stands for; `undefined` for what only its run time knows (`env`, `flow`, `date` …). */
export function readTyped(text: unknown, type: unknown): TypedValue | undefined {
  switch (type) {
    case 'str':
      return { value: String(text ?? '') }
    case 'num':
      return String(text ?? '').trim() !== '' && Number.isFinite(Number(text)) ? { value: Number(text) } : undefined
    case 'bool':
      return { value: text === 'true' || text === true }
    case 'json':
      try {
        return { value: JSON.parse(String(text)) }
      } catch {
        // Node-RED sends nothing then, and says so at run time.
        return undefined
      }
    default:
      return undefined
  }
}

/** `payload.a.b` as the field `a.b` of a message, `payload` as the empty field; `undefined` for anything else of `msg`. */
export function fieldOf(property: unknown): string | undefined {
  const match = /^payload((?:\.[A-Za-z_$][\w$]*)*)$/.exec(typeof property === 'string' ? property : '')
  return match?.[1]?.slice(1)
}

/** A property of `msg` as JSONata over the message; `undefined` for what does not travel. */
export function pathOf(property: unknown): string | undefined {
  const field = fieldOf(property)
  if (field === undefined) return undefined
  return field === '' ? '$' : `$.${field.split('.').map(quoted).join('.')}`
}

/** A value, written as Node-RED does, as JSONata; `undefined` for what only Node-RED knows. */
export function expressionOf(text: unknown, type: unknown): string | undefined {
  if (type === 'msg') return pathOf(text)
  // What Node-RED puts there is the number of milliseconds, unless it is told another format.
  if (type === 'date') return text === '' || text === undefined ? '$millis()' : undefined
  const known = readTyped(text, type)
  return known === undefined ? undefined : JSON.stringify(known.value)
}

/** Backquotes what JSONata reads as a word of its own. */
function quoted(name: string): string {
  return /^(and|or|in|true|false|null|function)$/.test(name) || name.includes('$') ? `\`${name}\`` : name
}
