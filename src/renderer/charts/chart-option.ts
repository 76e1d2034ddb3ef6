import type { EChartsCoreOption } from 'echarts/core'
import { formatCount, formatGauge } from '../view/format.ts'
import type { ChartLine } from '../view/chart-series.ts'

/** The colours of the theme, as a canvas wants them. */
export interface ChartColors {
  text: string
  muted: string
  line: string
  panel: string
  series: readonly string[]
  font: string
}

const dashes = ['solid', [6, 3], [2, 2]] as const

/** What ECharts is told to draw. Tooltips are drawn on the canvas: names in them come from peers and must never be markup. */
export function chartOption(chart: {
  lines: readonly ChartLine[]
  unit: string
  sinceMs: number
  untilMs: number
  max?: number
  /** Whether the scale has whole numbers alone. */
  whole?: boolean
  colors: ChartColors
}): EChartsCoreOption {
  const { lines, unit, sinceMs, untilMs, colors } = chart
  const label = { color: colors.muted, fontSize: 10, fontFamily: colors.font }
  return {
    animation: false,
    textStyle: { fontFamily: colors.font },
    grid: { left: 4, right: 10, top: 8, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: colors.panel,
      borderColor: colors.line,
      textStyle: { color: colors.text, fontSize: 11, fontFamily: colors.font },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? `${formatGauge(value)}${unit}` : '–'),
    },
    xAxis: {
      type: 'time',
      min: sinceMs,
      max: untilMs,
      splitNumber: 3,
      axisLine: { lineStyle: { color: colors.line } },
      axisLabel: { ...label, hideOverlap: true, formatter: '{HH}:{mm}:{ss}' },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value',
      min: 0,
      ...(chart.max === undefined ? {} : { max: chart.max, interval: chart.max / 4 }),
      splitNumber: 3,
      ...(chart.whole ? { minInterval: 1 } : {}),
      axisLabel: {
        ...label,
        formatter: (value: number) => (value !== 0 && Math.abs(value) < 10 ? formatGauge(value) : formatCount(value)),
      },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: lines.map(({ name, points }, place) => ({
      type: 'line',
      name,
      data: points,
      showSymbol: false,
      symbol: 'circle',
      lineStyle: { width: 1.6, type: dashes[place % dashes.length] },
      color: colors.series[place % colors.series.length],
      emphasis: { disabled: true },
    })),
  }
}
