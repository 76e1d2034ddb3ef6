/** How an instance follows messages: those that others follow, and of those that begin here one in so many, if any. */
export interface Following {
  oneIn: number | undefined
  /** Whether what comes from peers without a trace counts as beginning here; not where the peers follow theirs too. */
  linksBegin: boolean
}
