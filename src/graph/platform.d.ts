// What the graph folder, by way of shared, takes from every JavaScript platform beyond the language itself.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean })
  decode(input?: Uint8Array): string
}
