import { openLab, type Lab } from '../lab/index.ts'
import { describeError } from '../shared/index.ts'
import type { CommandContext } from './command-context.ts'
import type { Console, Interrupt } from './console.ts'
import { refuseFolder } from './file-argument.ts'
import { RunReport } from './run-report.ts'
import { visible } from './visible.ts'

/** What `millrace run` can be told. */
export interface RunOptions {
  for?: number
  json?: true
  portBase?: number
  allowExec?: true
  states?: string
  /** One in so many messages is followed. */
  follow?: number
}

/** Why a run came to its end: in order, or with a line that says what failed. */
type End = { type: 'done' } | { type: 'failed'; line: string }

/** Runs a lab until its time is over, it is interrupted, or an instance fails; answers the exit code. */
export async function runLab(file: string, options: RunOptions, context: CommandContext): Promise<number> {
  const { console, installation } = context
  refuseFolder(file)
  const lab = openLab({
    file,
    door: 'none',
    workerFile: installation.workerFile,
    consent: 'granted',
    // A pipeline that crashed must not look well: whoever runs it decides whether to run it again.
    restartAfterCrash: false,
    ...(options.portBase !== undefined && { portBase: options.portBase }),
    allowExec: options.allowExec === true,
    statesFolder: options.states,
    env: console.env,
  })
  const report = new RunReport(lab, console, { json: options.json === true, follows: options.follow !== undefined })
  const interrupt = new Interruption(console)
  try {
    if (options.follow !== undefined) await lab.traces.follow({ oneIn: options.follow })
    const reached = await runUntilEnd(lab, options.for, interrupt)
    const code = await stopLab(lab, interrupt)
    report.finish()
    if (code !== undefined) return code
    // An instance may also crash while it drains.
    const end = reached.type === 'failed' ? reached : (failureIn(lab) ?? reached)
    if (end.type === 'done') return 0
    console.complain(`millrace: ${visible(end.line)}`)
    return 1
  } finally {
    interrupt.stop()
    report.stop()
  }
}

/** Stops in order, or at once when somebody insists: then it answers the exit code to leave with. */
async function stopLab(lab: Lab, interrupt: Interruption): Promise<number | undefined> {
  interrupt.announce()
  const code = await Promise.race([lab.close().then(() => undefined), interrupt.second])
  if (code !== undefined) await lab.abandon()
  return code
}

async function runUntilEnd(lab: Lab, durationMs: number | undefined, interrupt: Interruption): Promise<End> {
  const failure = new FirstFailure(lab)
  try {
    const started = lab.startAll().then(
      () => 'started' as const,
      (error: unknown) => failure.inStart(error),
    )
    const outcome = await Promise.race([started, interrupt.first])
    if (outcome !== 'started') return outcome
    return await Promise.race([
      failure.happened,
      interrupt.first,
      ...(durationMs === undefined ? [] : [interrupt.after(durationMs)]),
    ])
  } finally {
    failure.stop()
  }
}

/** Watches for the first instance that fails or crashes. */
class FirstFailure {
  readonly happened: Promise<End>
  readonly stop: () => void
  readonly #lab: Lab

  constructor(lab: Lab) {
    this.#lab = lab
    let stop = () => {}
    this.happened = new Promise((resolve) => {
      stop = lab.subscribe((event) => {
        const end = event.type === 'instance' ? endOf(event.description) : undefined
        if (end) resolve(end)
      })
    })
    this.stop = stop
  }

  /** What kept the lab from starting, with the name of the instance if it is one's. */
  inStart(error: unknown): End {
    return failureIn(this.#lab) ?? { type: 'failed', line: describeError(error) }
  }
}

function failureIn(lab: Lab): End | undefined {
  return lab
    .describe()
    .instances.map(endOf)
    .find((end) => end !== undefined)
}

function endOf({
  instance,
  state,
  reason,
}: {
  instance: string
  state: string
  reason?: string | undefined
}): End | undefined {
  if (state !== 'failed' && state !== 'crashed') return undefined
  const cause = reason ?? 'it did not say why'
  return { type: 'failed', line: cause.includes(instance) ? cause : `instance "${instance}" ${state}: ${cause}` }
}

/** A stop that nobody asked for and that takes longer is announced. */
const quietStopMs = 1_000

/** The first interrupt asks for a stop in order, the second for one at once. */
class Interruption {
  readonly first: Promise<End>
  /** Resolves with the exit code to leave with. */
  readonly second: Promise<number>
  readonly #console: Console
  readonly #undo: () => void
  #asked: Interrupt['reason'] | undefined
  #isStopping = false
  #isAnnounced = false
  #timer: NodeJS.Timeout | undefined

  constructor(console: Console) {
    this.#console = console
    let ask: (end: End) => void = () => {}
    let insist: (code: number) => void = () => {}
    this.first = new Promise((resolve) => (ask = resolve))
    this.second = new Promise((resolve) => (insist = resolve))
    this.#undo = console.onInterrupt(({ reason, code }) => {
      if (reason !== 'reader gone' && (this.#asked !== undefined || this.#isAnnounced)) return insist(code)
      this.#asked ??= reason
      if (this.#isStopping) this.announce()
      else ask({ type: 'done' })
    })
  }

  /** Ends the run in order after a time. */
  after(durationMs: number): Promise<End> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve({ type: 'done' }), durationMs)
    })
  }

  /** Says that the run stops: at once to whoever interrupted it, else when it takes its time. */
  announce(): void {
    clearTimeout(this.#timer)
    this.#isStopping = true
    if (this.#asked === 'reader gone') return
    if (this.#asked === undefined) this.#timer = setTimeout(() => this.#say(), quietStopMs)
    else this.#say()
  }

  #say(): void {
    this.#isAnnounced = true
    this.#console.complain('millrace: stopping; press Ctrl-C again to end at once')
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#undo()
  }
}
