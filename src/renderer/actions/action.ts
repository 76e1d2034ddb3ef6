import type { Component } from 'vue'

/** The groups in which actions are listed, in the palette and on the sheet of shortcuts. */
export const actionSections = [
  'Lab',
  'Instances',
  'Go to',
  'Panels',
  'Layout',
  'Canvas',
  'Edit',
  'Messages',
  'Trace',
  'Log',
  'Metrics',
  'View',
  'Help',
] as const
export type ActionSection = (typeof actionSections)[number]

/** Something a person can do, wherever it is asked for: by the palette, a key, a button or a menu. */
export interface Action {
  /** Stable, so that recent ones can be remembered: `lab.startAll`. */
  id: string
  title: string
  section: ActionSection
  /** What tells it from others of the same title; stands where the section would. */
  where?: string
  /** More words to find it by. */
  words?: string
  icon?: Component
  /** In the notation of tinykeys; the first one is shown. */
  keys?: readonly string[]
  /** Where the keys count: everywhere, only where nothing is written (as by default for letters), or on the canvas alone. */
  keysIn?: 'window' | 'reading' | 'canvas'
  /** The keys are shown, but whoever offers the action listens to them: those of the clipboard. */
  areKeysElsewhere?: boolean
  /** Why it cannot be done now; absent when it can. */
  refusal?: string | undefined
  /** Kept out of the sheet of shortcuts: one of many of its sort, as one per node. */
  isOneOfMany?: boolean
  run(): unknown
}
