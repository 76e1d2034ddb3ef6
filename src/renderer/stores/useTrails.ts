import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { useFigures } from './useFigures.ts'

/** How many seconds of a node's past are kept for its small line. */
export const trailLength = 60

/** The rates of every node over the last minute, one value a second: received messages per second, oldest first. */
export const useTrails = defineStore('trails', () => {
  const figures = useFigures()
  const trails = new Map<string, number[]>()
  /** Changes once a second, when all trails have grown. */
  const second = shallowRef(0)
  watch(
    () => figures.nowMs,
    () => {
      for (const [instance, { rates }] of figures.all)
        for (const [node, { received, sent }] of rates.nodes) {
          const key = `${instance} ${node}`
          const known = trails.get(key) ?? []
          const newest = Math.max(received, sent)
          // A flat line stays what it is, and one of nothing as short as it is; else a new one, so that who shows it sees the change.
          const isLong = known.length === trailLength || (newest === 0 && known.length > 1)
          if (isLong && known.every((value) => value === newest)) continue
          trails.set(key, [...known.slice(1 - trailLength), newest])
        }
      second.value += 1
    },
  )
  return {
    /** The trail of a node; reading it follows it. */
    of: (instance: string, node: string): readonly number[] =>
      second.value >= 0 ? (trails.get(`${instance} ${node}`) ?? []) : [],
  }
})
