import { RE2JS, RE2JSException } from 're2js'

/**
 * A regular expression with the part of `RegExp` that JSONata uses, matched in linear time by `re2js`: no pattern makes it hang.
 * Look-around and back-references are refused, since they cannot be had in linear time.
 */
export class LinearRegex {
  lastIndex = 0
  readonly #pattern: RE2JS

  constructor({ source, flags }: { source: string; flags: string }) {
    const wanted = (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.includes('m') ? RE2JS.MULTILINE : 0)
    try {
      this.#pattern = RE2JS.compile(RE2JS.translateRegExp(source), wanted)
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error
      throw new Error(`the regular expression /${source}/ cannot be used: ${error.message}`, { cause: error })
    }
  }

  exec(text: string): (string[] & { index: number }) | null {
    const matcher = this.#pattern.matcher(text)
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0
      return null
    }
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) as string)
    this.lastIndex = matcher.end()
    return Object.assign(groups, { index: matcher.start() })
  }
}
