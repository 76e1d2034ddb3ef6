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
          // A new one each time, so that who shows it sees that it has changed.
          trails.set(key, [...(trails.get(key) ?? []).slice(1 - trailLength), Math.max(received, sent)])
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
