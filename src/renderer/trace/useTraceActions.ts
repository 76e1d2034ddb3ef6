import { Footprints } from '@lucide/vue'
import { offerActions } from '../stores/useActions.ts'
import { useFollow } from './useFollow.ts'

/** What can be done about traces wherever one is: following the next message of what is selected. */
export function useTraceActions(): void {
  const follow = useFollow()
  offerActions(() => [
    {
      id: 'trace.next',
      title: follow.name.value === '' ? 'Follow the next message' : `Follow the next message of ${follow.name.value}`,
      words: 'trace waterfall way',
      section: 'Trace',
      icon: Footprints,
      keys: ['t'],
      refusal: follow.refusal.value,
      run: follow.next,
    },
  ])
}
