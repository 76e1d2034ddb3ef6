/** What is selected everywhere: an instance, one of its nodes, one of its wires, or one of its links. */
export type Selected =
  | { type: 'instance'; instance: string }
  | { type: 'node'; instance: string; node: string }
  | { type: 'wire'; instance: string; wire: string }
  | { type: 'link'; instance: string; peer: string }
