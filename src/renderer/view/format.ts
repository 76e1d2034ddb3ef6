const steps = [
  { from: 1e9, sign: 'G' },
  { from: 1e6, sign: 'M' },
  { from: 1e3, sign: 'k' },
]

/** A count in at most five characters: `0`, `948`, `12.4k`, `3.1M`. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const rounded = Math.round(value)
  const step = steps.find(({ from }) => Math.abs(rounded) >= from)
  if (!step) return String(rounded)
  const scaled = rounded / step.from
  return `${scaled >= 100 ? Math.round(scaled) : trimZero(scaled.toFixed(1))}${step.sign}`
}

/** A rate per second without its unit: one decimal below ten, so that a slow trickle is not shown as nothing. */
export function formatRate(perSecond: number | undefined): string {
  if (perSecond === undefined || !Number.isFinite(perSecond)) return '–'
  if (perSecond === 0) return '0'
  if (perSecond < 0.1) return '<0.1'
  return perSecond < 9.95 ? trimZero(perSecond.toFixed(1)) : formatCount(perSecond)
}

/** Bytes in binary units: `512 B`, `38 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : trimZero(value.toFixed(1))} ${units[unit]}`
}

/** Milliseconds with as many digits as help: `<0.1 ms`, `0.4 ms`, `18 ms`, `1.2 s`. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return '–'
  if (ms > 0 && ms < 0.05) return '<0.1 ms'
  if (ms >= 1000) return `${trimZero((ms / 1000).toFixed(1))} s`
  return ms >= 10 ? `${Math.round(ms)} ms` : `${trimZero(ms.toFixed(1))} ms`
}

/** A duration that may be very short, with two digits that count: `3.4 µs`, `0.26 ms`, `18 ms`, `1.2 s`. */
export function formatShortMs(ms: number): string {
  if (ms >= 10 || !Number.isFinite(ms)) return formatMs(ms)
  return ms >= 0.1 ? `${Number(ms.toPrecision(2))} ms` : `${Number((ms * 1000).toPrecision(2))} µs`
}

/** How long something has run, in its two largest units: `42s`, `3m 5s`, `2h 14m`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** A share of one, 0 to 1, in whole per cent. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** A gauge's value with four significant digits. */
export function formatGauge(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 10_000 ? formatCount(value) : String(Number(value.toPrecision(4)))
}

/** The local time of day of an epoch time, to the millisecond. */
export function formatTime(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const millis = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text
}

/** A share of 0 to 1, rounded to the percent: what is no longer than that is not drawn anew for less. */
export function inPercent(share: number): number {
  return Math.round(share * 100) / 100
}
