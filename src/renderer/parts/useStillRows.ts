import { computed, shallowRef, type ComputedRef } from 'vue'

/** Live rows that stand still, and what the element that shows them is to listen to. */
export interface StillRows<Row> {
  readonly shown: ComputedRef<readonly Row[]>
  /** For `pointerenter`: the order stays as it is from now on. */
  hold(event: PointerEvent): void
  /** For `pointerleave`, and whenever the user asks for another order. */
  release(): void
}

/**
 * Rows that come and change places by themselves keep their places while the mouse is over them, so that none moves away below a click.
 * What they say goes on; rows that end leave, new ones come last until the mouse has left.
 */
export function useStillRows<Row>(rows: () => readonly Row[], keyOf: (row: Row) => string): StillRows<Row> {
  const order = shallowRef<ReadonlyMap<string, number>>()
  const shown = computed(() => {
    const places = order.value
    if (!places) return rows()
    const placeOf = (row: Row) => places.get(keyOf(row)) ?? places.size
    return [...rows()].sort((one, other) => placeOf(one) - placeOf(other))
  })
  return {
    shown,
    hold({ pointerType }) {
      // A finger is over nothing before it touches.
      if (pointerType !== 'touch') order.value = new Map(rows().map((row, place) => [keyOf(row), place]))
    },
    release() {
      order.value = undefined
    },
  }
}
