const tag = /\{\{(\{?)\s*([#^/&!>]?)\s*([^{}]*?)\s*\}?\}\}/g

/**
 * Makes a Mustache template over `msg` one over the payload: `{{payload.a}}` becomes `{{a}}`, `{{payload}}` becomes `{{.}}`. Answers
 * the name of what else it fills in, which does not travel.
 */
export function translateTemplate(template: string): string | { name: string } {
  let foreign: string | undefined
  let depth = 0
  const translated = template.replaceAll(tag, (whole: string, triple: string, kind: string, name: string) => {
    if (kind === '!') return whole
    if (kind === '/') depth -= 1
    // Within a section, names are those of its items.
    const isInside = depth > 0
    if (kind === '#' || kind === '^') depth += 1
    const inner = /^payload(?:\.(.+))?$/.exec(name)
    const isOwn =
      inner !== null || (isInside && kind !== '/' && !/^(flow|global|env)\b/.test(name)) || (kind === '/' && depth > 0)
    if (!isOwn || kind === '>') {
      foreign ??= name
      return whole
    }
    const shown = inner === null ? name : (inner[1] ?? '.')
    return triple === '{' ? `{{{${shown}}}}` : `{{${kind}${shown}}}`
  })
  return foreign === undefined ? translated : { name: foreign }
}
