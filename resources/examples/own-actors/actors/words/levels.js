/** Puts a number and its limit into words. */
export const describeLevel = (number, limit) =>
  `${number.toFixed(2)} is ${number > limit ? 'above' : 'below'} ${limit} now`
