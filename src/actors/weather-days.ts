import { readFile } from 'node:fs/promises'
import { MillraceError } from '../shared/index.ts'

/** One day of observations: what a model may know of it, and whether it was wet. */
export interface WeatherDay {
  /** `YYYY-MM-DD` */
  readonly date: string
  /** In the order of `weatherFeatureNames`. */
  readonly features: readonly number[]
  /** 1 when it rained or snowed, else 0. */
  readonly wet: 0 | 1
}

/** What a model may know of a day: neither the precipitation nor the word for the weather, which give the answer away. */
export const weatherFeatureNames = ['temp_max', 'temp_min', 'wind', 'season_sin', 'season_cos'] as const

const columns = ['date', 'precipitation', 'temp_max', 'temp_min', 'wind'] as const
const dayMs = 86_400_000
const daysPerYear = 365.25

/** Reads daily observations from a CSV file. Throws `FILE_NOT_FOUND`, or `FILE_INVALID` with file and line. */
export async function readWeatherDays(file: string): Promise<readonly WeatherDay[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot read the weather data ${file}: check the node's "file"`, {
      cause,
    })
  }
  return parseWeatherDays(text, file)
}

/** Reads daily observations from the text of a CSV; `file` names it in errors. Throws `FILE_INVALID` with the line. */
export function parseWeatherDays(text: string, file: string): readonly WeatherDay[] {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/)
  const names = header.split(',')
  const indexes = columns.map((column) => {
    const index = names.indexOf(column)
    if (index < 0) throw invalid(file, 1, `no column "${column}" (its first line must name the columns)`)
    return index
  })
  if (lines.length === 0) throw invalid(file, 2, 'no observations')
  return lines.map((line, row) => {
    const cells = line.split(',')
    const [date = '', ...numbers] = indexes.map((index) => cells[index] ?? '')
    return parseDay(date, numbers, (problem) => invalid(file, row + 2, problem))
  })
}

function parseDay(date: string, cells: string[], invalidAt: (problem: string) => MillraceError): WeatherDay {
  const timeMs = Date.parse(date)
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(timeMs)) throw invalidAt(`"${date}" is not a date YYYY-MM-DD`)
  const [precipitation = NaN, ...measured] = cells.map((cell) => (cell.trim() === '' ? NaN : Number(cell)))
  if (![precipitation, ...measured].every(Number.isFinite)) throw invalidAt(`"${cells.join(',')}" are not numbers`)
  const dayOfYear = (timeMs - Date.parse(date.slice(0, 4))) / dayMs
  const season = (2 * Math.PI * dayOfYear) / daysPerYear
  return { date, features: [...measured, Math.sin(season), Math.cos(season)], wet: precipitation > 0 ? 1 : 0 }
}

function invalid(file: string, line: number, problem: string): MillraceError {
  return new MillraceError('FILE_INVALID', `${file}:${line}: ${problem}`)
}
