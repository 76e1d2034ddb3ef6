import path from 'node:path'
import { Option } from 'commander'

/** The option of commands that run a lab: where the states of nodes with `persist` are kept. */
export function statesOption(): Option {
  return new Option(
    '--states <folder>',
    "keep the states of nodes there (default: the user's data folder, apart for each lab)",
  ).argParser((folder) => path.resolve(folder))
}
