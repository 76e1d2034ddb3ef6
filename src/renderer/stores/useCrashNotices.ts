import { defineStore } from 'pinia'
import { watch } from 'vue'
import { CrashWatch } from '../view/crash-watch.ts'
import { notify } from './notify.ts'
import { useLab } from './useLab.ts'
import { useToasts } from './useToasts.ts'

/** Tells of instances that crash, whichever panels are open: in the window, and by the browser while the page is not looked at. */
export const useCrashNotices = defineStore('crash notices', () => {
  const lab = useLab()
  const toasts = useToasts()
  const crashes = new CrashWatch()
  watch(
    () => lab.instances,
    (instances) => {
      for (const { instance, reason = 'it said no reason' } of crashes.crashed(instances)) {
        const title = `${instance} crashed`
        // One that crashes again and again has one notice.
        toasts.show({ tone: 'error', title, text: reason, key: `crash ${instance}` })
        notify(title, reason)
      }
    },
    { immediate: true },
  )
  return {}
})
