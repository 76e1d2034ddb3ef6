/**
 * Checks what came against what was sent, wire by wire. Every message is a number, counted from 0 on its wire, so that one that is
 * missing, comes twice or comes early shows; the same checker judges simulations, sockets and processes.
 */
export class History {
  readonly #wires = new Map<string, { delivery: string; sent: number; taken: number[]; lost: Set<number> }>()

  wire(name: string, delivery: string = 'reliable'): void {
    this.#wires.set(name, { delivery, sent: 0, taken: [], lost: new Set() })
  }

  /** The next message of this wire was accepted; answers its number. */
  sent(name: string): number {
    return this.#find(name).sent++
  }

  taken(name: string, number: number): void {
    this.#find(name).taken.push(number)
  }

  /** Messages said to be lost, by their number on the wire. */
  lost(name: string, range: { from: number; to: number }): void {
    for (let number = range.from; number <= range.to; number++) this.#find(name).lost.add(number)
  }

  takenOf(name: string): readonly number[] {
    return this.#find(name).taken
  }

  /** Whether as much has come, or is said to be lost, as was sent; costs nothing, where `check` looks at everything. */
  get isComplete(): boolean {
    return [...this.#wires.values()].every(({ sent, taken, lost }) => taken.length + lost.size >= sent)
  }

  /** What is wrong, in words; empty when every promise was kept. */
  check(): string[] {
    return [...this.#wires].flatMap(([name, wire]) => checkWire(name, wire))
  }

  #find(name: string) {
    const wire = this.#wires.get(name)
    if (!wire) throw new Error(`no wire "${name}"`)
    return wire
  }
}

function checkWire(
  name: string,
  { delivery, sent, taken, lost }: { delivery: string; sent: number; taken: readonly number[]; lost: Set<number> },
): string[] {
  const findings: string[] = []
  let last = -1
  const seen = new Set<number>()
  for (const number of taken) {
    if (seen.has(number)) findings.push(`${name}: ${number} came twice`)
    else if (number < last) findings.push(`${name}: ${number} came after ${last}`)
    if (number >= sent) findings.push(`${name}: ${number} came and was never sent`)
    if (lost.has(number)) findings.push(`${name}: ${number} came and was said to be lost`)
    seen.add(number)
    last = Math.max(last, number)
  }
  const missing: number[] = []
  for (let number = 0; number < sent; number++) if (!seen.has(number) && !lost.has(number)) missing.push(number)
  if (delivery === 'latest') {
    if (sent > 0 && last !== sent - 1) findings.push(`${name}: the newest, ${sent - 1}, did not come`)
  } else if (missing.length > 0)
    findings.push(
      `${name} (${delivery}): ${missing.length} are missing and nobody said so, the first being ${missing[0]}`,
    )
  return findings.slice(0, 5)
}
