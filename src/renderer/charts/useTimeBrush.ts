import { shallowRef } from 'vue'

/** A chart as far as the brush needs it. */
interface Scaled {
  convertFromPixel(finder: { xAxisIndex: number }, value: number): unknown
}

const smallestPixels = 6

/** Turns a drag across a chart into a stretch of time. */
export function useTimeBrush(
  chart: () => Scaled | null,
  chosen: (range: { sinceMs: number; untilMs: number }) => void,
) {
  const band = shallowRef<{ left: string; width: string }>()
  let start: number | undefined

  const placeOf = (event: PointerEvent) =>
    event.currentTarget instanceof HTMLElement ? event.clientX - event.currentTarget.getBoundingClientRect().left : 0

  return {
    band,
    begin(event: PointerEvent): void {
      if (event.button !== 0) return
      start = placeOf(event)
      if (event.currentTarget instanceof HTMLElement) event.currentTarget.setPointerCapture(event.pointerId)
    },
    move(event: PointerEvent): void {
      if (start === undefined) return
      const now = placeOf(event)
      if (Math.abs(now - start) < smallestPixels) return
      band.value = { left: `${Math.min(start, now)}px`, width: `${Math.abs(now - start)}px` }
    },
    end(event: PointerEvent): void {
      const from = start
      start = undefined
      const isBrushed = band.value !== undefined
      band.value = undefined
      if (from === undefined || !isBrushed) return
      const ends = [from, placeOf(event)].map((place) => Number(chart()?.convertFromPixel({ xAxisIndex: 0 }, place)))
      const [sinceMs = Number.NaN, untilMs = Number.NaN] = ends.sort((one, other) => one - other)
      if (untilMs - sinceMs >= 1_000) chosen({ sinceMs, untilMs })
    },
  }
}
