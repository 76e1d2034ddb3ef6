import { computed, type ComputedRef } from 'vue'
import { useTheme } from '../stores/useTheme.ts'
import type { ChartColors } from './chart-option.ts'

/** The tokens of the theme in use, read anew when it changes: a canvas knows no CSS variables. */
export function useChartColors(): ComputedRef<ChartColors> {
  const theme = useTheme()
  return computed(() => {
    // Reading it makes this depend on it; the attribute is set before anything is painted.
    document.documentElement.setAttribute('data-theme', theme.theme)
    const style = getComputedStyle(document.documentElement)
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
    return {
      text: token('text'),
      muted: token('muted'),
      line: token('line'),
      bad: token('bad'),
      panel: token('panel'),
      font: token('font'),
      stroke: Number.parseFloat(token('stroke')),
      series: [1, 2, 3, 4, 5, 6].map((place) => token(`series-${place}`)),
    }
  })
}
