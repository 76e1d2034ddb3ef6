/** Tries regular expressions on log lines, away from the window's thread: an expression may take for ever. */
import { PatternLines, type PatternQuestion } from './PatternLines.ts'

const kept = new PatternLines()
addEventListener('message', (event: MessageEvent<PatternQuestion>) => {
  const answer = kept.answer(event.data)
  postMessage(answer, { transfer: [answer.passed.buffer] })
})
