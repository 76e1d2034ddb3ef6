import type { EChartsCoreOption } from 'echarts/core'
import { formatCount, formatGauge } from '../view/format.ts'
import type { ChartLine } from '../view/chart-series.ts'

/** The colours of the theme, as a canvas wants them. */
export interface ChartColors {
  text: string
  muted: string
  line: string
  bad: string
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
  /** What happened, as lines across. */
  annotations?: readonly { timeMs: number; text: string }[]
  /** A value above which somebody wants to be told. */
  limit?: number
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
    axisPointer: { link: [{ xAxisIndex: 'all' }], lineStyle: { color: colors.muted } },
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
      ...(place === 0 ? { markLine: markLines(chart) } : {}),
    })),
  }
}

/** Upright lines where something happened within the time shown, a level one at the limit. */
function markLines(chart: {
  sinceMs: number
  untilMs: number
  annotations?: readonly { timeMs: number; text: string }[]
  limit?: number
  colors: ChartColors
}) {
  const { annotations = [], limit, colors } = chart
  const inside = annotations.filter(({ timeMs }) => timeMs >= chart.sinceMs && timeMs <= chart.untilMs)
  return {
    silent: true,
    symbol: 'none',
    animation: false,
    label: { show: true, position: 'insideEndTop', fontSize: 9, color: colors.muted, formatter: '{b}' },
    data: [
      ...inside.map(({ timeMs, text }) => ({
        name: text.slice(0, 40),
        xAxis: timeMs,
        lineStyle: { color: colors.muted, type: 'dotted', width: 1 },
      })),
      ...(limit === undefined
        ? []
        : [{ name: `limit ${limit}`, yAxis: limit, lineStyle: { color: colors.bad, type: 'dashed', width: 1.2 } }]),
    ],
  }
}
