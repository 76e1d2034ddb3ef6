import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useProblems } from '../problems/useProblems.ts'
import { useFigures } from '../stores/useFigures.ts'
import type { PanelId } from './panel.ts'

/** How much there is in a panel that somebody should look at. */
export interface Badge {
  count: number
  tone: 'plain' | 'warn' | 'bad'
}

/** The numbers on tabs and on the rail. */
export const useBadges = defineStore('badges', () => {
  const figures = useFigures()
  const problems = useProblems()
  const links = computed(() =>
    [...figures.all.keys()].reduce((sum, name) => sum + (figures.of(name)?.metrics.links.length ?? 0), 0),
  )
  // Those of an instance that does not run are kept until it starts again, so its last figures count too.
  const deadLetters = computed(() =>
    [...figures.all.values()].reduce((sum, { metrics }) => sum + metrics.deadLetters, 0),
  )
  function of(panel: PanelId): Badge | undefined {
    switch (panel) {
      case 'links':
        return some(links.value, 'plain')
      case 'dead-letters':
        return some(deadLetters.value, 'bad')
      case 'problems':
        return some(problems.all.length, problems.hasErrors ? 'bad' : 'warn')
      default:
        return undefined
    }
  }
  return { of }
})

function some(count: number, tone: Badge['tone']): Badge | undefined {
  return count > 0 ? { count, tone } : undefined
}
