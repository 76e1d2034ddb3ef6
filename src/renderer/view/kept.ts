/**
 * Things made anew again and again, most of them as they were: whoever shows one is not bothered when it is the same. Returns a
 * function that takes the newest ones and answers them, with the earlier object in the place of each that says the same.
 */
export function keepingSame<Thing>(keyOf: (thing: Thing) => string): (next: readonly Thing[]) => Thing[] {
  let before = new Map<string, { text: string; thing: Thing }>()
  return (next) => {
    const now = new Map<string, { text: string; thing: Thing }>()
    const kept = next.map((thing) => {
      const key = keyOf(thing)
      const text = JSON.stringify(thing)
      const old = before.get(key)
      const same = old?.text === text ? old : { text, thing }
      now.set(key, same)
      return same.thing
    })
    before = now
    return kept
  }
}
