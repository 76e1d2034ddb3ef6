import type { Findings } from './finding.ts'
import { fixKey } from './fixes.ts'
import type { JsonPath } from './json-text.ts'
import { labKeys, type LabFile } from './lab-file.ts'
import { didYouMean } from './suggest.ts'

/** Warns of keys of an object that nothing reads: most are slips of the pen. */
export function checkKeys(holder: object, known: readonly string[], path: JsonPath, findings: Findings): void {
  for (const [key, value] of Object.entries(holder)) {
    if (known.includes(key)) continue
    const advice = didYouMean(key, known) || '; it is kept, but does nothing'
    const place = [...path, key]
    findings.warning('KEY_UNKNOWN', place, `unknown key "${key}"${advice}`, fixKey(place, value, known, holder))
  }
}

/** Warns of keys of a lab file, its instances and their peers that nothing reads. */
export function checkLabKeys(lab: LabFile, findings: Findings): void {
  checkKeys(lab, labKeys.lab, [], findings)
  for (const [index, instance] of lab.instances.entries()) {
    const path = ['instances', index]
    checkKeys(instance, labKeys.instance, path, findings)
    for (const [at, peer] of (instance.peers ?? []).entries())
      checkKeys(peer, labKeys.peer, [...path, 'peers', at], findings)
    for (const [at, place] of (instance.discoveryEndpoints ?? []).entries())
      if (typeof place === 'object') checkKeys(place, labKeys.discovery, [...path, 'discoveryEndpoints', at], findings)
  }
}
