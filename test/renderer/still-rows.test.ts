import { describe, expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { useStillRows } from '../../src/renderer/parts/useStillRows.ts'

const pointer = (pointerType: string) => ({ pointerType }) as PointerEvent

describe('live rows', () => {
  const begin = () => {
    const rows = shallowRef([
      { id: 'a', rate: 3 },
      { id: 'b', rate: 2 },
      { id: 'c', rate: 1 },
    ])
    const still = useStillRows(
      () => rows.value,
      ({ id }) => id,
    )
    const texts = () => still.shown.value.map(({ id, rate }) => `${id}${rate}`)
    return { rows, still, texts }
  }
  const later = [
    { id: 'n', rate: 9 },
    { id: 'c', rate: 8 },
    { id: 'a', rate: 1 },
  ]

  it('keep their places while the mouse is over them: values go on, new ones come last, ended ones leave', () => {
    const { rows, still, texts } = begin()
    still.hold(pointer('mouse'))
    rows.value = later
    expect(texts()).toEqual(['a1', 'c8', 'n9'])
    still.release()
    expect(texts()).toEqual(['n9', 'c8', 'a1'])
  })

  it('do not stand still for a finger, which is over nothing before it touches', () => {
    const { rows, still, texts } = begin()
    still.hold(pointer('touch'))
    rows.value = later
    expect(texts()).toEqual(['n9', 'c8', 'a1'])
  })
})
