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
  /** How wide lines are, in pixels. */
  stroke: number
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
      lineStyle: { width: colors.stroke, type: dashes[place % dashes.length] },
      color: colors.series[place % colors.series.length],
      emphasis: { disabled: true },
      ...(place === 0 ? { markLine: markLines(chart) } : {}),
    })),
  }
}

/** Nearer to each other than this share of the time shown, marks are one: their words would lie upon each other. */
const togetherShare = 1 / 12

/** Marks near each other as one, with how many they are; `text ×3` where all say the same, else the newest `+2`. In order. */
export function marksTogether(
  marks: readonly { timeMs: number; text: string }[],
  gapMs: number,
): { timeMs: number; text: string }[] {
  const groups: { timeMs: number; texts: string[] }[] = []
  for (const { timeMs, text } of marks.toSorted((one, other) => one.timeMs - other.timeMs)) {
    const last = groups.at(-1)
    if (last && timeMs - last.timeMs < gapMs) last.texts.push(text)
    else groups.push({ timeMs, texts: [text] })
  }
  return groups.map(({ timeMs, texts }) => {
    const newest = (texts.at(-1) ?? '').slice(0, 40)
    const isSame = texts.every((text) => text === texts[0])
    const count = texts.length === 1 ? '' : isSame ? ` ×${texts.length}` : ` +${texts.length - 1}`
    return { timeMs, text: newest + count }
  })
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
    label: {
      show: true,
      position: 'insideEndTop',
      fontSize: 9,
      color: colors.text,
      formatter: '{b}',
      // As high as the lowest chart.
      width: 62,
      overflow: 'truncate',
    },
    data: [
      ...marksTogether(inside, (chart.untilMs - chart.sinceMs) * togetherShare).map(({ timeMs, text }) => ({
        name: text,
        xAxis: timeMs,
        lineStyle: { color: colors.muted, type: 'dotted', width: 1 },
      })),
      ...(limit === undefined
        ? []
        : [{ name: `limit ${limit}`, yAxis: limit, lineStyle: { color: colors.bad, type: 'dashed', width: 1.2 } }]),
    ],
  }
}
