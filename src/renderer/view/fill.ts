/** How full a queue is, in the three steps of the legend: 0–60 %, 61–85 %, 86–100 %. */
export type FillLevel = 'calm' | 'warm' | 'full'

/** The filled share of a queue, 0 to 1; a queue without room counts as full once something waits in it. */
export function fillShare(queued: number, capacity: number): number {
  if (queued <= 0) return 0
  return capacity > 0 ? Math.min(1, queued / capacity) : 1
}

/** The step a share belongs to; whole per cents decide, as they are what is shown. */
export function fillLevel(share: number): FillLevel {
  const percent = Math.round(share * 100)
  if (percent <= 60) return 'calm'
  return percent <= 85 ? 'warm' : 'full'
}
