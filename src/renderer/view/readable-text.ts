/** A line longer than this is shown shortened until somebody expands it. */
export const lineLimit = 500

// Bidirectional controls, zero-width characters and line separators: they can make a line look like another one.
const invisible = /[\u0080-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const control = /[\u0000-\u001f\u007f]/gu
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const controlButLines = /[\u0000-\u0009\u000b-\u001f\u007f]/gu

/** Text of an actor or a peer on one line: control characters become their names, invisible ones their codes. */
export function readableLine(text: string): string {
  return text.replace(control, picture).replace(invisible, code)
}

/** A name or a note of an actor or a peer as it stands in a tooltip, a label or a line: readable, and cut with `…` after `limit`. */
export function plainLine(text: string, limit = 200): string {
  const { text: beginning, left } = shorten(text, limit)
  return left > 0 ? `${readableLine(beginning)}…` : readableLine(beginning)
}

/** The id of a wire as people read it: `a.Out → b.In`. */
export function wireTitle(wire: string): string {
  return wire.replace(' -> ', ' → ')
}

/** The preview of a message on one line, without the envelope that says its kind: of `{"type":"Integer","data":5}` the 5. */
export function previewLine(preview: string, limit = 240): string {
  const data = /^\{"type":"\w+","data":(.*)$/su.exec(preview)?.[1]
  return plainLine(data?.replace(/\}$/u, '') ?? preview, limit)
}

/** Text of an actor or a peer that may span lines: as `readableLine`, but line feeds stay. */
export function readableBlock(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(controlButLines, picture).replace(invisible, code)
}

/** The beginning of a text, never cutting a character in two, and whether anything was left out. */
export function shorten(text: string, limit = lineLimit): { text: string; left: number } {
  if (text.length <= limit) return { text, left: 0 }
  const last = text.charCodeAt(limit - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit
  return { text: text.slice(0, end), left: text.length - end }
}

// By name and not as control pictures (␛), which many fonts lack.
const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  )

function picture(character: string): string {
  return `‹${controlNames[character.charCodeAt(0)] ?? 'DEL'}›`
}

function code(character: string): string {
  return `‹U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}›`
}
