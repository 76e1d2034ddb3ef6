import type { Directive } from 'vue'

const steps: Record<string, (now: number, last: number) => number> = {
  ArrowDown: (now, last) => Math.min(now + 1, last),
  ArrowUp: (now) => Math.max(now - 1, 0),
  Home: () => 0,
  End: (_now, last) => last,
}
const controls = 'button, a[href], [role="button"]'
const undoOf = new WeakMap<HTMLElement, () => void>()

/**
 * Makes the rows of a table one stop of Tab, as the grid pattern of ARIA has it: the row that had the keyboard last, else the selected
 * one, else the first. Up, Down, Home and End go from row to row, Right into the buttons of a row and Left back. Goes on the body of the
 * table; its rows are those with a `tabindex`, and what opens below a row is none.
 */
export const vRowStops: Directive<HTMLElement> = {
  mounted(body) {
    undoOf.set(body, keepStops(body))
  },
  beforeUnmount(body) {
    undoOf.get(body)?.()
  },
}

function keepStops(body: HTMLElement): () => void {
  let stop: HTMLElement | undefined
  const rows = () => [...body.querySelectorAll<HTMLElement>(':scope > tr[tabindex]')]
  const rowOf = (target: EventTarget | null) =>
    target instanceof Element ? rows().find((row) => row.contains(target)) : undefined

  function setStops(): void {
    const all = rows()
    if (!stop || !all.includes(stop)) stop = all.find((row) => row.ariaSelected === 'true') ?? all[0]
    for (const row of all) {
      setStop(row, row === stop)
      for (const control of row.querySelectorAll<HTMLElement>(controls)) setStop(control, false)
    }
  }
  function noteFocus({ target }: FocusEvent): void {
    const row = rowOf(target)
    if (!row || row === stop) return
    stop = row
    setStops()
  }
  function walk(event: KeyboardEvent): void {
    const row = rowOf(event.target)
    // A row may have keys of its own, and a menu opens by Down.
    if (!row || event.defaultPrevented || !(event.target instanceof HTMLElement)) return
    const next = nextOf(event.key, event.target, row, rows())
    if (!next) return
    event.preventDefault()
    next.focus()
  }

  const observer = new MutationObserver((changes) => {
    // Most changes are of figures, which are texts.
    const isOfElements = ({ addedNodes, removedNodes }: MutationRecord) =>
      [...addedNodes, ...removedNodes].some((node) => node instanceof Element)
    if (changes.some(isOfElements)) setStops()
  })
  observer.observe(body, { childList: true, subtree: true })
  body.addEventListener('focusin', noteFocus)
  body.addEventListener('keydown', walk)
  setStops()
  return () => {
    observer.disconnect()
    body.removeEventListener('focusin', noteFocus)
    body.removeEventListener('keydown', walk)
  }
}

/** Where a key leads from a row or from one of its buttons. */
function nextOf(key: string, from: HTMLElement, row: HTMLElement, rows: HTMLElement[]): HTMLElement | undefined {
  const step = steps[key]
  if (step) return rows[step(rows.indexOf(row), rows.length - 1)]
  const places = [row, ...row.querySelectorAll<HTMLElement>(controls)]
  const place = places.indexOf(from)
  if (place === -1) return undefined
  if (key === 'ArrowRight') return places[place + 1]
  return key === 'ArrowLeft' ? places[place - 1] : undefined
}

function setStop(element: HTMLElement, isStop: boolean): void {
  const wanted = isStop ? 0 : -1
  if (element.tabIndex !== wanted || !element.hasAttribute('tabindex')) element.tabIndex = wanted
}
