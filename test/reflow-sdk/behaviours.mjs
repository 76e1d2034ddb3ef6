// What the actors of the graph that is run here and there do: from the messages of their inports to those of their outports.
export const behaviours = {
  Scale: { inports: ['Input'], outports: ['Output'], run: ({ Input }, { factor }) => ({ Output: Input * factor }) },
  Split: {
    inports: ['Input'],
    outports: ['Even', 'Odd'],
    run: ({ Input }) => (Input % 2 === 0 ? { Even: Input } : { Odd: Input }),
  },
  Describe: {
    inports: ['Input'],
    outports: ['Output'],
    run: ({ Input }, { word }) => ({ Output: { word, value: Input, list: [Input, String(Input), null] } }),
  },
}
