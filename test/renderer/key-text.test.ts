import { expect, it } from 'vitest'
import { keyParts } from '../../src/renderer/actions/key-text.ts'

it('writes keys as they stand on the keyboard of the machine', () => {
  expect(keyParts('$mod+k', 'Linux x86_64')).toEqual(['Ctrl', 'K'])
  expect(keyParts('$mod+Shift+d', 'MacIntel')).toEqual(['⌘', '⇧', 'D'])
  expect(keyParts('Alt+ArrowLeft', 'Win32')).toEqual(['Alt', '←'])
  expect(keyParts('F5', 'Win32')).toEqual(['F5'])
  expect(keyParts('+', 'Win32')).toEqual(['+'])
})

it('leaves Shift out before a sign that is typed with it', () => {
  expect(keyParts('Shift+?', 'Linux x86_64')).toEqual(['?'])
  expect(keyParts('Shift+F5', 'Linux x86_64')).toEqual(['Shift', 'F5'])
})
