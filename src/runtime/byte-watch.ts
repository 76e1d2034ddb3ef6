import { MillraceError } from '../shared/index.ts'
import { isThenable } from './node-config.ts'

/** What a guarded behaviour works with. */
interface Guarded {
  readonly node: { readonly id: string }
  readonly inputs: Readonly<Record<string, unknown>>
}

/**
 * Notices when bytes that were sent are changed, in development. Bytes cannot be frozen, so a checksum of them is kept from the first
 * time they are sent, and compared before and after each run.
 */
export class ByteWatch {
  readonly #sums = new WeakMap<ArrayBufferView, number>()

  /** Takes note of bytes as they are when they are first sent. */
  note(bytes: ArrayBufferView): void {
    if (!this.#sums.has(bytes)) this.#sums.set(bytes, checksum(bytes))
  }

  /**
   * A behaviour that fails with `MESSAGE_MUTATED` when it changes the bytes it got, or gets some that were changed after they had been
   * sent: so it either sees what was sent or says why not.
   */
  guard<Context extends Guarded>(behaviour: (context: Context) => unknown): (context: Context) => unknown {
    const check = (context: Guarded, inputs: Guarded['inputs'], when: 'before' | 'after') =>
      this.#check(context, inputs, when)
    return function (this: unknown, context) {
      const { inputs } = context
      check(context, inputs, 'before')
      const outputs = behaviour.call(this, context)
      if (isThenable(outputs))
        return Promise.resolve(outputs).then((value) => {
          check(context, inputs, 'after')
          return value
        })
      check(context, inputs, 'after')
      return outputs
    }
  }

  #check({ node }: Guarded, inputs: Guarded['inputs'], when: 'before' | 'after'): void {
    for (const port in inputs) {
      if (!this.#isChanged(inputs[port])) continue
      const what = `the bytes that came to inport "${port}" of node "${node.id}"`
      throw new MillraceError(
        'MESSAGE_MUTATED',
        when === 'after'
          ? `${what} were changed by its behaviour, and others may share them; change a copy (bytes.slice())`
          : `${what} have been changed since they were sent; whoever sends or gets bytes writes to a copy (bytes.slice())`,
      )
    }
  }

  #isChanged(message: unknown): boolean {
    const open: unknown[] = [message]
    const seen = new Set<unknown>()
    while (open.length > 0) {
      const item = open.pop()
      if (typeof item !== 'object' || item === null || seen.has(item)) continue
      seen.add(item)
      if (!ArrayBuffer.isView(item)) open.push(...partsOf(item))
      else if (this.#sums.get(item) !== undefined && this.#sums.get(item) !== checksum(item)) return true
    }
    return false
  }
}

function partsOf(item: object): unknown[] {
  try {
    // As many as fit on the stack; what lies beyond them is not looked at.
    return Object.values(item).slice(0, 10_000)
  } catch {
    // A proxy or getter that throws shows no bytes.
    return []
  }
}

/** FNV-1a of the bytes. */
function checksum({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  let sum = 0x811c9dc5
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) sum = Math.imul(sum ^ byte, 0x01000193)
  return sum
}
