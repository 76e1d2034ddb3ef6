/** Hands a text to the user as a file, as browsers do: it lands where downloads land, or where the desktop asks to put it. */
export function saveFile(name: string, text: string, type = 'text/plain;charset=utf-8'): void {
  saveBlob(name, new Blob([text], { type }))
}

/** The same for bytes. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken its own hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 30_000)
}

/** A name for a file that says when it was made: `weather-log-2026-11-24T08-15-30.jsonl`. */
export function fileName(subject: string, ending: string, now = new Date()): string {
  const plain = subject
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/gu, '')
  return `${plain.slice(0, 60)}-${now.toISOString().slice(0, 19).replaceAll(':', '-')}.${ending}`
}
