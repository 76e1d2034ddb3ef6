import type { Command } from 'commander'
import { placeOf } from '../../graph/index.ts'
import { checkFile, examineOwnActors, fixFile, type FileFinding } from '../../lab/index.ts'
import { isMillraceError } from '../../shared/index.ts'
import { coloursFor, type Colours } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import type { Console } from '../console.ts'
import { visible } from '../visible.ts'

/** `millrace check`: says what is wrong with files. */
export function addCheck(root: Command, { console, exit, installation }: CommandContext): void {
  root
    .command('check')
    .summary('say what is wrong with lab and graph files')
    .description('Checks lab files (with the graphs they name) and graph files. Runs nothing.')
    .argument('<file...>', 'lab or graph files')
    .option('--fix', 'first mend in graph files what can be mended without a doubt')
    .option('--json', 'print each finding as a line of JSON')
    .addHelpText(
      'after',
      `
Actors that the lab brings along are looked at in a process that can neither write, start programs, nor read files.
Each finding is one line: file:line:column: severity CODE message.
An error keeps the file from running, a warning is probably not meant, a note is worth knowing.
Exit code 1 if there are errors, 0 if there are none.

Examples:
  millrace check my.lab.json
  millrace check graphs/*.graph.json --json`,
    )
    .action(async (files: string[], options: { json?: true; fix?: true }) => {
      if (options.fix) for (const file of files) mend(file, console)
      const findings: FileFinding[] = []
      for (const file of files) {
        const own = await examineOwnActors(file, installation.workerFile)
        findings.push(...checkFile(file, console.env, own))
      }
      const colours = coloursFor(console)
      for (const finding of findings)
        console.print(options.json ? JSON.stringify({ type: 'finding', ...finding }) : formatFinding(finding, colours))
      if (!options.json) console.complain(verdict(files, findings))
      exit(findings.some(({ severity }) => severity === 'error') ? 1 : 0)
    })
}

function mend(file: string, console: Console): void {
  try {
    for (const change of fixFile(file)) console.complain(visible(`${file}: mended ${change}`))
  } catch (error) {
    // A file that cannot be read is told by the check that follows.
    if (!isMillraceError(error) || error.code !== 'FILE_NOT_FOUND') throw error
  }
}

/** Writes a finding as compilers do. */
export function formatFinding(finding: FileFinding, colours: Colours): string {
  const { severity, code, message, file } = finding
  const paint = { error: colours.red, warning: colours.yellow, note: colours.dim }[severity]
  return `${visible(placeOf(finding, file))}: ${paint(severity)} ${code} ${visible(message)}`
}

function verdict(files: string[], findings: FileFinding[]): string {
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  const of = (wanted: FileFinding['severity']) => findings.filter(({ severity }) => severity === wanted).length
  const notes = of('note') > 0 ? `, ${count(of('note'), 'note')}` : ''
  return `${count(files.length, 'file')} checked: ${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}${notes}`
}
