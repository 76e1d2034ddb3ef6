/** Longer whole numbers may be more than JavaScript can hold exactly. */
const exactDigits = 15
/** Up to so many keys of an object, looking along them is quicker than a set. */
const fewKeys = 8
/** What lies deeper may be too deep for those who walk through it. */
const shallow = 500

/**
 * Whether a text that is JSON may hold what `JSON.parse` lets pass silently: a key twice in one object, the key `__proto__`, a whole
 * number that is too long. May say so without need, never the other way round; ten times as quick as parsing into a tree.
 */
export function mayHoldOddities(text: string): boolean {
  const open: (KeysSeen | undefined)[] = []
  let keys: KeysSeen | undefined
  let isKey = false
  for (let at = 0; at < text.length; at++) {
    if (open.length > shallow) return true
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(keys)
        keys = new KeysSeen()
        isKey = true
        break
      case 0x5b: // [
        open.push(keys)
        keys = undefined
        isKey = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        keys = open.pop()
        isKey = false
        break
      case 0x2c: // ,
        isKey = keys !== undefined
        break
      case 0x22: {
        const end = endOfText(text, at)
        if (isKey && keys && !keys.add(text.slice(at + 1, end))) return true
        isKey = false
        at = end
        break
      }
      default:
        if (isDigit(text, at)) {
          const start = at
          while (isDigit(text, at + 1)) at++
          if (at - start >= exactDigits) return true
        }
    }
  }
  return false
}

class KeysSeen {
  readonly #few: string[] = []
  #many: Set<string> | undefined

  /** Whether a key is new, and one that can be compared as it is written. */
  add(key: string): boolean {
    if (key === '__proto__' || key.includes('\\')) return false
    if (this.#many === undefined && this.#few.length < fewKeys) {
      if (this.#few.includes(key)) return false
      this.#few.push(key)
      return true
    }
    this.#many ??= new Set(this.#few)
    if (this.#many.has(key)) return false
    this.#many.add(key)
    return true
  }
}

/** Where the text that begins at a double quote ends. */
function endOfText(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}
