/** Whether this is `npm run test:fault`, which takes its time; `npm test` runs the same with little. */
export const isLong = process.env['MILLRACE_FAULT'] === 'long'
