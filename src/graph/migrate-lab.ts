import { isRecord } from './graph-parts.ts'

/** Takes a lab of one version to the next; it may rely on nothing but that version, and keeps what it does not know. */
export type LabMigration = (lab: Record<string, unknown>) => Record<string, unknown>

/**
 * How lab files of older versions become ones of today: number n takes a file of version n to n + 1. There is none yet, as 1 is the
 * first version. A new version adds its line here, with a test that holds a file of the old one.
 */
export const labMigrations: Readonly<Record<number, LabMigration>> = {}

/**
 * Takes a lab file's value to a version, step by step; the file itself is changed only when it is saved. Values that name no version
 * below it are given back as they are: their reader says what is wrong with them. Answers `undefined` when a step is missing.
 */
export function migrateLab(
  value: unknown,
  version: number,
  migrations: Readonly<Record<number, LabMigration>> = labMigrations,
): unknown {
  let lab = value
  while (isRecord(lab) && Number.isInteger(lab['millrace']) && Number(lab['millrace']) < version) {
    const from = Number(lab['millrace'])
    const migration = migrations[from]
    if (migration === undefined) return undefined
    lab = { ...migration(lab), millrace: from + 1 }
  }
  return lab
}
