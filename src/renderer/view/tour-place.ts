/** A rectangle on screen, in pixels. */
export interface Box {
  left: number
  top: number
  width: number
  height: number
}

const gap = 12

/**
 * Where a card goes so that it hides as little as it can of what it points at, and is whole on screen: beside it where there is
 * room, else within its lower right corner; in the middle when there is nothing to point at.
 */
export function placeCard(
  target: Box | undefined,
  card: { width: number; height: number },
  screen: { width: number; height: number },
): { left: number; top: number } {
  const within = (left: number, top: number) => ({
    left: Math.max(gap, Math.min(left, screen.width - card.width - gap)),
    top: Math.max(gap, Math.min(top, screen.height - card.height - gap)),
  })
  if (!target) return within((screen.width - card.width) / 2, (screen.height - card.height) / 2)
  const right = target.left + target.width
  const bottom = target.top + target.height
  if (right + gap + card.width <= screen.width - gap) return within(right + gap, target.top)
  if (target.left - gap - card.width >= gap) return within(target.left - gap - card.width, target.top)
  if (bottom + gap + card.height <= screen.height - gap) return within(target.left, bottom + gap)
  if (target.top - gap - card.height >= gap) return within(target.left, target.top - gap - card.height)
  return within(right - card.width - gap, bottom - card.height - gap)
}
