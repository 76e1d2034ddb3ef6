import { isRecord } from '../graph-parts.ts'
import { lineWidth, ownStyle, type JsonStyle } from './json-style.ts'

/** Containers above this depth always have a line for each member, so that one change is one line. */
const openDepth = 2

/**
 * Writes a JSON value: a line for each member of the top and of what lies in it, and below that on one line whatever fits.
 * Ends with a line break. The same value gives the same text.
 */
export function formatFile(value: unknown): string {
  return `${formatJson(value, { style: ownStyle, margin: '', column: 0, depth: 0 })}${ownStyle.eol}`
}

/** Where a value is written. */
export interface WritingPlace {
  style: JsonStyle
  /** The indentation of the line on which the value begins. */
  margin: string
  /** How much of that line is used already. */
  column: number
  /** How deep in the file the value lies; the top is 0. */
  depth: number
}

/** Writes a JSON value at a place. */
export function formatJson(value: unknown, { style, margin, column, depth }: WritingPlace): string {
  if (!isContainer(value)) return JSON.stringify(value)
  const flat = formatFlat(value, style)
  const mayBeFlat = style.isFlat || isEmpty(value) || isPlainList(value) || (depth >= openDepth && !isTable(value))
  // One more for the comma that may follow.
  if (mayBeFlat && (style.isFlat || column + flat.length < lineWidth)) return flat
  const inner = `${margin}${style.indent}`
  const write = (item: unknown, before: string) =>
    `${before}${formatJson(item, { style, margin: inner, column: inner.length + before.length, depth: depth + 1 })}`
  const members = Array.isArray(value)
    ? value.map((item: unknown) => write(item ?? null, ''))
    : entriesOf(value).map(([key, item]) => write(item, `${JSON.stringify(key)}${style.colon}`))
  return joinLines(Array.isArray(value) ? '[]' : '{}', members, inner, margin, style)
}

/** Puts members on lines of their own, between brackets. */
export function joinLines(
  brackets: '[]' | '{}',
  members: readonly string[],
  inner: string,
  margin: string,
  { eol }: JsonStyle,
): string {
  if (members.length === 0) return brackets
  return `${brackets[0]}${eol}${inner}${members.join(`,${eol}${inner}`)}${eol}${margin}${brackets[1]}`
}

/** Puts members on one line, between brackets. */
export function joinFlat(brackets: '[]' | '{}', members: readonly string[], style: JsonStyle): string {
  if (members.length === 0) return brackets
  const pad = brackets === '{}' && style.hasPadding ? ' ' : ''
  const comma = style.colon === ':' ? ',' : ', '
  return `${brackets[0]}${pad}${members.join(comma)}${pad}${brackets[1]}`
}

function formatFlat(value: Record<string, unknown> | unknown[], style: JsonStyle): string {
  const write = (item: unknown): string => (isContainer(item) ? formatFlat(item, style) : JSON.stringify(item ?? null))
  if (Array.isArray(value)) return joinFlat('[]', value.map(write), style)
  const members = entriesOf(value).map(([key, item]) => `${JSON.stringify(key)}${style.colon}${write(item)}`)
  return joinFlat('{}', members, style)
}

function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
  return Array.isArray(value) || isRecord(value)
}

/** Whether a list holds nothing but plain values. */
function isPlainList(value: Record<string, unknown> | unknown[]): boolean {
  return Array.isArray(value) && !value.some(isContainer)
}

/** Whether there is a list in it of several things with several parts each: a row for each reads better, and is what Prettier does. */
function isTable(value: unknown): boolean {
  if (Array.isArray(value)) {
    const isRows = value.length > 1 && value.every((item) => sizeOf(item) > 1)
    const isAlike = value.every(isRecord) || value.every((item) => Array.isArray(item))
    return (isRows && isAlike) || value.some(isTable)
  }
  return isRecord(value) && Object.values(value).some(isTable)
}

function sizeOf(value: unknown): number {
  return isContainer(value) ? Object.keys(value).length : 0
}

function isEmpty(value: Record<string, unknown> | unknown[]): boolean {
  return Array.isArray(value) ? value.length === 0 : entriesOf(value).length === 0
}

function entriesOf(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined)
}
