import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'

const boundsSchema = v.object({
  x: v.pipe(v.number(), v.integer()),
  y: v.pipe(v.number(), v.integer()),
  width: v.pipe(v.number(), v.integer(), v.minValue(200)),
  height: v.pipe(v.number(), v.integer(), v.minValue(150)),
  isMaximised: v.boolean(),
})
/** Where a window was left, in pixels of the screen. */
export type WindowBounds = v.InferOutput<typeof boundsSchema>

interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** Remembers where the last window was left, so that the next one is found there. */
export class BoundsFile {
  readonly #file: string

  constructor(folder: string) {
    this.#file = path.join(folder, 'window-bounds.json')
  }

  /** Where it was left, if enough of that still is on one of these screens to get hold of it. */
  read(screens: readonly Area[]): WindowBounds | undefined {
    try {
      const bounds = v.parse(boundsSchema, JSON.parse(readFileSync(this.#file, 'utf8')))
      return screens.some((screen) => isWithinReach(bounds, screen)) ? bounds : undefined
    } catch {
      // Not there yet, or damaged: the window then opens where windows open.
      return undefined
    }
  }

  /** `writeFile` is the lab's, whose code is not there yet when a window is opened. */
  write(bounds: WindowBounds, writeFile: (file: string, text: string) => void): void {
    writeFile(this.#file, JSON.stringify(bounds))
  }
}

const least = 100

/** A screen may have been unplugged since: the title bar has to be where a mouse gets to. */
function isWithinReach(bounds: WindowBounds, screen: Area): boolean {
  const across = Math.min(bounds.x + bounds.width, screen.x + screen.width) - Math.max(bounds.x, screen.x)
  return across >= least && bounds.y >= screen.y - 10 && bounds.y < screen.y + screen.height - least
}
