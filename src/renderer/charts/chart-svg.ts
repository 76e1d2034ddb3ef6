import { LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, GridComponent, MarkLineComponent, SVGRenderer])

/** A chart as it is on screen, drawn anew as SVG. */
export function svgOf(option: object, view: { width: number; height: number; background: string }): string {
  const { width, height, background } = view
  const drawing = init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  drawing.setOption({ ...option, backgroundColor: background, animation: false })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return svg
}
