declare module 'fbp' {
  const fbp: {
    /** Parses .fbp text into NoFlo's JSON graph; throws with `location` where it cannot. */
    parse(text: string, options: { caseSensitive: boolean; validateSchema?: boolean }): unknown
  }
  export default fbp
}
