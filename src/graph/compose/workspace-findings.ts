import { Findings, type Finding } from '../finding.ts'
import { locateIn } from '../json-text.ts'

/** A finding, and the file of a workspace that it is in. */
export interface WorkspaceFinding extends Finding {
  file: string
}

/** Collects what is wrong in several files, each with its places. */
export class WorkspaceFindings {
  readonly #texts: ReadonlyMap<string, string>
  readonly #byFile = new Map<string, Findings>()

  /** `texts` gives the files' texts where lines and columns are wanted. */
  constructor(texts: ReadonlyMap<string, string> = new Map()) {
    this.#texts = texts
  }

  /** The findings of one file. */
  in(file: string): Findings {
    const known = this.#byFile.get(file)
    if (known) return known
    const findings = new Findings(locateIn(this.#texts.get(file)))
    this.#byFile.set(file, findings)
    return findings
  }

  get list(): WorkspaceFinding[] {
    return [...this.#byFile].flatMap(([file, { list }]) => list.map((finding) => ({ file, ...finding })))
  }
}
