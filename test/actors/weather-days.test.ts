import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseWeatherDays, readWeatherDays, weatherFeatureNames } from '../../src/actors/weather-days.ts'

const csv = fileURLToPath(new URL('../../resources/examples/ml-pipeline/data/seattle-weather.csv', import.meta.url))

test('reads the 1,461 days of Seattle, and only what does not give the answer away', async () => {
  const days = await readWeatherDays(csv)
  expect(days).toHaveLength(1461)
  expect(days[0]).toMatchObject({ date: '2012-01-01', wet: 0 })
  expect(days[0]?.features.slice(0, 3)).toEqual([12.8, 5, 4.7])
  expect(days[1]?.wet).toBe(1)
  expect(days.every(({ features }) => features.length === weatherFeatureNames.length)).toBe(true)
  expect(days.filter(({ wet }) => wet === 1)).toHaveLength(623)
})

test('names file and line of what it cannot read', async () => {
  const header = 'date,precipitation,temp_max,temp_min,wind,weather'
  const parse = (text: string) => () => parseWeatherDays(text, 'w.csv')
  expect(parse(`${header}\n2012-01-01,0,1,2,3,sun\n2012-13-99,0,1,2,3,sun`)).toThrow(
    'w.csv:3: "2012-13-99" is not a date',
  )
  expect(parse(`${header}\n2012-01-01,0,,2,3,sun`)).toThrow('w.csv:2: "0,,2,3" are not numbers')
  expect(parse('date,rain\n2012-01-01,0')).toThrow('w.csv:1: no column "precipitation"')
  expect(parse(header)).toThrow('w.csv:2: no observations')
  await expect(readWeatherDays('/nowhere/w.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
})
