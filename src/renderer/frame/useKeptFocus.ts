import { useEventListener } from '@vueuse/core'

const focusable =
  'button:not([disabled]), [href], input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]'
/** How long what was asked for may take to change the page. */
const lookAgainMs = 250

/**
 * Keeps the keyboard's place. When what has the focus goes away, as a deleted row or a button that is done with, the browser gives the
 * focus to the page, and whoever works by keys has to begin at its top; here it goes to what stands in that place now, or else to
 * the panel.
 */
export function useKeptFocus(): void {
  /** From what had the focus up to its panel or dialog, with the place that each had among its neighbours. */
  let path: { element: Element; place: number }[] = []
  useEventListener(document, 'focusin', ({ target }) => {
    path = target instanceof Element ? pathOf(target) : []
  })
  const look = () => {
    if (document.activeElement === document.body && path.length > 0) restore(path)
  }
  // The element may go with the next answer of the lab, long after the key: the next key finds out.
  useEventListener(window, 'keydown', look, { capture: true })
  const lookSoon = () => void setTimeout(() => requestAnimationFrame(look), lookAgainMs)
  useEventListener(window, 'keyup', lookSoon)
  // A click on nothing is meant to leave.
  useEventListener(window, 'click', ({ target }) => {
    if (target instanceof Element && path.some(({ element }) => element === target || element.contains(target)))
      lookSoon()
  })
}

function pathOf(target: Element): { element: Element; place: number }[] {
  const path = []
  for (let element: Element | null = target; element && element !== document.body; element = element.parentElement) {
    path.push({ element, place: [...(element.parentElement?.children ?? [])].indexOf(element) })
    if (element.matches('[data-panel], [role="dialog"]')) break
  }
  return path
}

function restore(path: readonly { element: Element; place: number }[]): void {
  const first = path[0]?.element
  // It is still there, and the person has left it.
  if (first?.isConnected === true && !first.matches(':disabled')) return
  for (const [index, { element }] of path.entries()) {
    if (index === 0 || !element.isConnected) continue
    const place = path[index - 1]?.place ?? 0
    const neighbour = element.children[Math.min(place, element.children.length - 1)]
    // On the canvas the neighbours of a card say nothing about where it was.
    const whole = element.closest('.flow-canvas') ?? (element.matches('[data-panel]') ? element : undefined)
    const next =
      whole ??
      (neighbour?.matches(focusable)
        ? neighbour
        : (neighbour?.querySelector(focusable) ?? element.querySelector(focusable)))
    if (next instanceof HTMLElement) return next.focus({ preventScroll: true })
  }
}
