// The package ships no types for this entry; it is the same code without `new Function`.
declare module 'msgpackr/index-no-eval' {
  export { addExtension, Packr } from 'msgpackr'
}
