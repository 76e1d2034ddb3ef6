import { toTagged, type TaggedMessage } from '../shared/index.ts'

/** Larger messages are shown by their preview alone. */
const maxShownBytes = 64 * 1024

interface Shown {
  bytes: number
  kind: string
  preview: string
}

/** What of a message goes to a window: the whole of it, as tagged JSON, unless it is too large or cannot be written so. */
export function showMessage({ value, ...shown }: Shown & { value: unknown }): Shown & { message?: TaggedMessage } {
  if (shown.bytes > maxShownBytes) return shown
  try {
    return { ...shown, message: toTagged(value) }
  } catch {
    // A function inside it, or a ring: the preview says so.
    return shown
  }
}
