import fc from 'fast-check'

// The same cases in every run, so that what a change did is told from what chance found. Another number, or `random`, looks further.
const wanted = process.env['MILLRACE_SEED'] ?? '20261201'
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) })
