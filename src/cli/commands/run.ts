import type { Command } from 'commander'
import { openLab, type Lab, type LabEvent } from '../../lab/index.ts'
import { coloursFor, type Colours } from '../colours.ts'
import type { CommandContext } from '../command-line.ts'
import type { Console, Interrupt } from '../console.ts'
import { parseDuration } from '../duration.ts'
import { formatLogLine } from '../log-line.ts'
import { portBaseOption } from '../port-arguments.ts'
import { formatSummary } from '../summary-text.ts'
import { visible } from '../visible.ts'

interface RunOptions {
  for?: number
  json?: true
  portBase?: number
}

/** Why a run came to its end. */
type End = { type: 'time' } | { type: 'interrupt' } | { type: 'failed'; instance: string; reason: string }

/** `millrace run`: runs a lab without a window. */
export function addRun(root: Command, context: CommandContext): void {
  root
    .command('run')
    .summary('run a lab or a graph without a window')
    .description(
      'Starts every instance and prints what they log, until the time is over or Ctrl-C. Running a file is trusting it.',
    )
    .argument('<file>', 'a lab or graph file')
    .option('--for <time>', 'stop after this time: 500ms, 20s, 5m, 2h', parseDuration)
    .option('--json', 'print lines of JSON: log, instance, and one summary last')
    .addOption(portBaseOption())
    .addHelpText(
      'after',
      `
Ctrl-C lets the instances finish what they have under way; Ctrl-C again ends them at once.
Exit code 0 after a clean stop, 1 if an instance failed, 130 after a second Ctrl-C.

Examples:
  millrace run my.lab.json
  millrace run my.lab.json --for 20s --json | tail -1
  millrace run my.lab.json --port-base 19000`,
    )
    .action(async (file: string, options: RunOptions) => context.exit(await runLab(file, options, context)))
}

async function runLab(file: string, options: RunOptions, { console, installation }: CommandContext): Promise<number> {
  const lab = await openLab({
    file,
    door: 'none',
    workerFile: installation.workerFile,
    consent: 'granted',
    // A pipeline that crashed must not look well: whoever runs it decides whether to run it again.
    restartAfterCrash: false,
    ...(options.portBase !== undefined && { portBase: options.portBase }),
    env: console.env,
  })
  const colours = coloursFor(console)
  const unsubscribe = lab.subscribe((event) => printEvent(event, options, console, colours))
  const watch = watchForEnd(lab, console)
  const { ended } = watch
  try {
    const started = lab.startAll()
    // Named by the failed instance, and by the error below.
    started.catch(() => undefined)
    const first = await Promise.race([started.then(() => undefined), ended])
    const end = first ?? (await endOf(ended, options.for))
    const second = nextInterrupt(console)
    const closed = await Promise.race([lab.close().then(() => undefined), second.happened])
    second.stop()
    if (closed) {
      await lab.abandon()
      return closed.code
    }
    return finish(end, lab, options, console, colours)
  } catch (error) {
    await lab.close()
    printSummary(lab, options, console, colours)
    throw error
  } finally {
    watch.stop()
    unsubscribe()
  }
}

function finish(end: End, lab: Lab, options: RunOptions, console: Console, colours: Colours): number {
  printSummary(lab, options, console, colours)
  if (end.type !== 'failed') return 0
  console.complain(`millrace: instance "${end.instance}" failed: ${visible(end.reason)}`)
  return 1
}

function printSummary(lab: Lab, options: RunOptions, console: Console, colours: Colours): void {
  const summary = lab.summary()
  if (options.json) console.print(JSON.stringify({ type: 'summary', ...summary }))
  else for (const line of formatSummary(summary, colours)) console.print(line)
}

function printEvent(event: LabEvent, options: RunOptions, console: Console, colours: Colours): void {
  if (event.type === 'log') {
    console.print(options.json ? JSON.stringify({ type: 'log', ...event.entry }) : formatLogLine(event.entry, colours))
  } else if (event.type === 'instance' && options.json) {
    const { instance, state, address, reason } = event.description
    console.print(
      JSON.stringify({ type: 'instance', instance, state, address, ...(reason !== undefined && { reason }) }),
    )
  }
}

/** Settles at the first interrupt or failure. */
function watchForEnd(lab: Lab, console: Console): { ended: Promise<End>; stop: () => void } {
  const undo: (() => void)[] = []
  const ended = new Promise<End>((resolve) => {
    undo.push(
      console.onInterrupt(() => resolve({ type: 'interrupt' })),
      lab.subscribe((event) => {
        if (event.type !== 'instance') return
        const { instance, state, reason } = event.description
        if (state === 'failed' || state === 'crashed') resolve({ type: 'failed', instance, reason: reason ?? state })
      }),
    )
  })
  return { ended, stop: () => undo.forEach((off) => off()) }
}

async function endOf(ended: Promise<End>, durationMs: number | undefined): Promise<End> {
  if (durationMs === undefined) return ended
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<End>((resolve) => {
    timer = setTimeout(() => resolve({ type: 'time' }), durationMs)
  })
  const end = await Promise.race([ended, over])
  clearTimeout(timer)
  return end
}

function nextInterrupt(console: Console): { happened: Promise<Interrupt>; stop: () => void } {
  let stop = () => {}
  const happened = new Promise<Interrupt>((resolve) => {
    stop = console.onInterrupt((why) => {
      if (why.reason !== 'reader gone') resolve(why)
    })
  })
  return { happened, stop: () => stop() }
}
