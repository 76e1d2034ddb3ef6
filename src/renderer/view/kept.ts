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

/**
 * The newer of two pieces of plain data, with the older one, or parts of it, in the place of what says the same: who shows a part is
 * not bothered as long as it stays what it was. Maps are looked into as well.
 */
export function keptParts<Data>(older: unknown, newer: Data): Data {
  if (Object.is(older, newer) || typeof older !== 'object' || typeof newer !== 'object' || !older || !newer)
    return newer
  if (older instanceof Map || newer instanceof Map)
    return older instanceof Map && newer instanceof Map ? (keptEntries(older, newer) as Data) : newer
  const keys = Object.keys(newer)
  let isSame = keys.length === Object.keys(older).length && Array.isArray(older) === Array.isArray(newer)
  for (const key of keys) {
    const [before, now] = [Reflect.get(older, key), Reflect.get(newer, key)]
    const kept = keptParts(before, now)
    if (kept !== now) Reflect.set(newer, key, kept)
    isSame &&= Object.is(kept, before) && Object.hasOwn(older, key)
  }
  return isSame ? (older as Data) : newer
}

function keptEntries(
  older: ReadonlyMap<unknown, unknown>,
  newer: Map<unknown, unknown>,
): ReadonlyMap<unknown, unknown> {
  let isSame = older.size === newer.size
  for (const [key, now] of newer) {
    const before = older.get(key)
    const kept = keptParts(before, now)
    if (kept !== now) newer.set(key, kept)
    isSame &&= Object.is(kept, before) && older.has(key)
  }
  return isSame ? older : newer
}
