import path from 'node:path'

/** What the desktop was asked to show. */
export interface Launch {
  file: string
  portBase?: number
}

/** Reads what the command line put after `--`: a lab file and `--port-base N`. Without one, the shipped weather lab is shown. */
export function parseLaunch(argv: readonly string[], root: string): Launch {
  const marker = argv.indexOf('--')
  const given = marker === -1 ? [] : argv.slice(marker + 1)
  const option = given.indexOf('--port-base')
  const portBase = option === -1 ? Number.NaN : Number(given[option + 1])
  const file = given.find((text, index) => !text.startsWith('--') && (option === -1 || index !== option + 1))
  return {
    file: file ?? path.join(root, 'resources/examples/ml-pipeline/weather.lab.json'),
    ...(Number.isInteger(portBase) && { portBase }),
  }
}
