import { defineStore } from 'pinia'
import { computed } from 'vue'
import { useDrafts } from '../graphs/useDrafts.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { problemsOf } from '../view/problems.ts'

/** Everything that is wrong in the lab now. */
export const useProblems = defineStore('problems', () => {
  const connection = useConnection()
  const lab = useLab()
  const figures = useFigures()
  const drafts = useDrafts()
  const all = computed(() =>
    // Naming `figures.all` makes this depend on them: `of` alone looks at the lab's states first.
    figures.all.size >= 0
      ? problemsOf(
          lab.lab,
          (instance) => figures.of(instance)?.metrics,
          (instance) => drafts.allFindings(instance),
          drafts.insides,
          // Without a connection nothing is heard of any of them, and the banner says so.
          (instance) => connection.isLive && figures.stale.has(instance),
        )
      : [],
  )
  return { all, hasErrors: computed(() => all.value.some(({ severity }) => severity === 'error')) }
})
