/** How an instance follows messages: those that others follow, and of those that begin here one in so many, if any. */
export interface Following {
  oneIn: number | undefined
}
