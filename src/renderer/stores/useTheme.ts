import { useLocalStorage, usePreferredDark } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watchEffect } from 'vue'

/** What the user wants: the system's theme, or one of ours whatever the system has. */
export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

/** Light or dark: chosen, or as the system has it. */
export const useTheme = defineStore('theme', () => {
  const stored = useLocalStorage<string>('millrace.theme', 'system')
  const systemIsDark = usePreferredDark()
  const choice = computed({
    get: (): ThemeChoice => themeChoices.find((known) => known === stored.value) ?? 'system',
    set: (next: ThemeChoice) => (stored.value = next),
  })
  const theme = computed(() => (choice.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : choice.value))
  watchEffect(() => document.documentElement.setAttribute('data-theme', theme.value))
  return { choice, theme }
})
