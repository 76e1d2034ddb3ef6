export declare const behaviours: Readonly<
  Record<
    string,
    {
      inports: readonly string[]
      outports: readonly string[]
      run: (inputs: Record<string, unknown>, config: unknown) => Record<string, unknown>
    }
  >
>
