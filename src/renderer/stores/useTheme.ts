import { useLocalStorage, usePreferredContrast, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watchEffect } from 'vue'

/** What the user wants: what the system has, or one of ours whatever that is. */
export const themeChoices = ['system', 'light', 'dark', 'contrast'] as const
export type ThemeChoice = (typeof themeChoices)[number]

/** The colours: chosen, or as the system has it, which may ask for more contrast. */
export const useTheme = defineStore('theme', () => {
  const stored = useLocalStorage<string>('millrace.theme', 'system')
  const systemIsDark = usePreferredDark()
  const systemContrast = usePreferredContrast()
  const choice = computed({
    get: (): ThemeChoice => themeChoices.find((known) => known === stored.value) ?? 'system',
    set: (next: ThemeChoice) => (stored.value = next),
  })
  const ofSystem = computed(() =>
    systemContrast.value === 'more' ? 'contrast' : systemIsDark.value ? 'dark' : 'light',
  )
  const theme = computed(() => (choice.value === 'system' ? ofSystem.value : choice.value))
  watchEffect(() => document.documentElement.setAttribute('data-theme', theme.value))
  return { choice, theme }
})
