const names: Record<string, string> = {
  $mod: 'Ctrl',
  Control: 'Ctrl',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Space: 'Space',
}
const appleNames: Record<string, string> = { ...names, $mod: '⌘', Shift: '⇧', Alt: '⌥', Control: '⌃' }

/** A key of tinykeys as people know it, part by part: `$mod+Shift+d` → `Ctrl`, `Shift`, `D`. */
export function keyParts(keys: string, platform: string): string[] {
  const known = /mac|iphone|ipad/iu.test(platform) ? appleNames : names
  // The plus sign itself has nothing beside it.
  const parts = (keys === '+' ? [keys] : keys.split('+')).map((part) => {
    const plain = part.replace(/^(?:Key|Digit)(?=.$)/u, '')
    return known[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain)
  })
  // A sign such as `?` is typed with Shift, which would only confuse beside it.
  return parts.at(-1)?.match(/^[^\p{L}\p{N}]$/u) && parts[0] === (known['Shift'] ?? 'Shift') ? parts.slice(1) : parts
}
