import jsonata from 'jsonata'
import * as v from 'valibot'
import { isMillraceError, MillraceError } from '../../shared/index.ts'
import { LinearRegex } from './linear-regex.ts'
import { toPlain } from './plain.ts'

/** What an evaluation may cost: without these limits `($x($x))` takes 4 GB and ends the process. */
const limits = { timeout: 250, stack: 200, sequence: 100_000 }

/** A JSONata expression in a config; one that does not parse is refused with the place of the mistake. */
export function expression(description: string) {
  return v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = dataset.typed ? syntaxProblem(dataset.value) : undefined
      if (problem !== undefined) addIssue({ message: problem })
    }),
    v.description(description),
    v.metadata({ format: 'jsonata' }),
  )
}

/** Evaluates one expression for message after message. */
export interface Expression {
  /**
   * The value of the expression, with the message as `$` and the bindings by their names
   *
   * @throws MillraceError `EXPRESSION_FAILED` when it fails or goes beyond its limits: 250 ms, 200 levels, 100,000 items.
   */
  evaluate(message: unknown, bindings?: Record<string, unknown>): Promise<unknown>
}

/** Makes an expression ready. Throws `EXPRESSION_FAILED` when it does not parse. */
export function compile(text: string): Expression {
  let compiled: jsonata.Expression
  try {
    compiled = jsonata(text, { ...limits, RegexEngine: LinearRegex as unknown as RegExpConstructor })
    boundText(compiled)
  } catch (error) {
    throw failed(text, error)
  }
  return {
    async evaluate(message, bindings) {
      try {
        return toPlain(await compiled.evaluate(message, bindings))
      } catch (error) {
        throw failed(text, error)
      }
    },
  }
}

/** The expressions of one node, each compiled once; a config that changes brings others. */
export class Expressions {
  readonly #compiled = new Map<string, Expression>()

  /** Evaluates one of them; see `Expression`. */
  async evaluate(text: string, message: unknown, bindings?: Record<string, unknown>): Promise<unknown> {
    const known = this.#compiled.get(text)
    if (known !== undefined) return await known.evaluate(message, bindings)
    if (this.#compiled.size >= mostCompiled) this.#compiled.clear()
    const compiled = compile(text)
    this.#compiled.set(text, compiled)
    return await compiled.evaluate(message, bindings)
  }
}

const mostCompiled = 200

/** Does something with expressions; one that fails makes the message a dead letter at once, since it would fail again. */
export async function orReject<Result>(
  reject: (reason: string) => void,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'EXPRESSION_FAILED') throw error
    reject(error.message)
    return undefined
  }
}

/** Whether a value counts as true: as JSONata's `$boolean` has it. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTruthy)
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

const longestText = 8 * 1024 * 1024

/** `$pad` alone makes half a gigabyte of text in no time, before any other limit is looked at. */
function boundText(compiled: jsonata.Expression): void {
  const pad = (text: string | undefined, width: number, filler = ' ') => {
    if (text === undefined) return undefined
    if (Math.abs(width) > longestText) throw new Error(`$pad makes at most ${longestText} characters`)
    return width < 0 ? text.padStart(-width, filler) : text.padEnd(width, filler)
  }
  compiled.registerFunction('pad', pad, '<s-ns?:s>')
}

function syntaxProblem(text: string): string | undefined {
  try {
    jsonata(text)
    return undefined
  } catch (error) {
    return `not a JSONata expression: ${describe(error)}`
  }
}

function failed(text: string, cause: unknown): MillraceError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return new MillraceError('EXPRESSION_FAILED', `the expression ${shown} failed: ${describe(cause)}`, { cause })
}

/** JSONata throws plain objects with a code, a message and a position. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { code, message, position } = error as { code?: string; message?: string; position?: number }
  if (code === 'D1012') return `it takes longer than ${limits.timeout} ms; is there an endless loop?`
  if (code === 'D1011') return `it calls itself deeper than ${limits.stack} levels; is there an endless recursion?`
  if (code === 'D2015') return `it makes a sequence of more than ${limits.sequence} items`
  const where = position === undefined ? '' : ` (at character ${position})`
  return `${message ?? String(code)}${where}`
}
