import { framesDuring, pageSeconds } from './window-page.mjs'

const panMs = 4_000

/** Drags a page by the mouse for some seconds: frames per second, and the processor time of each. */
export async function panned(browser, page, selector) {
  const from = await freePlace(page, selector)
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x + 8, from.y - 8)
  await page.waitForTimeout(300)
  const sheet = page.locator('.vue-flow__transformationpane, #sheet')
  const placeBefore = await sheet.evaluate((element) => element.style.transform)
  const before = await pageSeconds(browser)
  const frames = await framesDuring(page, async () => {
    const endMs = Date.now() + panMs
    for (let step = 0; Date.now() < endMs; step++) {
      await page.mouse.move(from.x + 220 * Math.sin(step / 20), from.y - 160 + 160 * Math.cos(step / 20))
      await page.waitForTimeout(8)
    }
  })
  const spent = (await pageSeconds(browser)) - before
  const placeAfter = await sheet.evaluate((element) => element.style.transform)
  await page.mouse.up()
  if (placeAfter === placeBefore) throw new Error('the mouse moved, and the view did not')
  return { ...frames, msPerFrame: (spent / Math.max(1, (frames.perSecond * panMs) / 1_000)) * 1_000 }
}

/** A place near the lower middle where nothing lies over what is dragged: a card that is dragged does not move the view. */
async function freePlace(page, selector) {
  return await page.evaluate((wanted) => {
    const { left, width, bottom } = document.querySelector(wanted).getBoundingClientRect()
    const middle = left + width / 2
    for (let y = bottom - 40; y > bottom - 300; y -= 3)
      for (let x = middle - 200; x < middle + 200; x += 3)
        if (wanted === 'body' || document.elementFromPoint(x, y)?.matches(wanted)) return { x, y }
    throw new Error(`nothing of ${wanted} can be dragged`)
  }, selector)
}

/** A page of plain boxes and paths that is moved by a transform alone: what this browser on this machine can do. */
export async function showPlain(browser, { boxes, paths }) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } })
  const page = await context.newPage()
  await page.setContent(`<style>
    body { margin: 0; height: 1000px; overflow: hidden }
    #sheet { position: absolute; transform-origin: 0 0; will-change: transform }
    #sheet div { position: absolute; width: 124px; height: 32px; border: 1px solid #888; border-radius: 8px; background: #fff; font: 11px sans-serif }
  </style><div id="sheet"></div>`)
  await page.evaluate(
    ({ boxCount, pathCount }) => {
      const sheet = document.getElementById('sheet')
      const at = (place) => ({ x: (place % 10) * 134, y: Math.floor(place / 10) * 53 })
      const curves = Array.from({ length: pathCount }, (_, place) => {
        const { x, y } = at(Math.floor(place / 2))
        const end = x + 60 + (place % 2) * 134
        return `<path fill="none" stroke="#789" d="M${x + 60} ${y + 32} C${x + 60} ${y + 45} ${end} ${y + 40} ${end} ${y + 53}"/>`
      })
      const cards = Array.from({ length: boxCount }, (_, place) => {
        const { x, y } = at(place)
        return `<div style="left:${x}px;top:${y}px">node_${place}</div>`
      })
      sheet.innerHTML = `<svg width="1500" height="1700" style="position:absolute">${curves.join('')}</svg>${cards.join('')}`
      let from
      addEventListener('mousedown', ({ clientX, clientY }) => (from = { clientX, clientY }))
      addEventListener('mouseup', () => (from = undefined))
      addEventListener('mousemove', ({ clientX, clientY }) => {
        if (from) sheet.style.transform = `translate(${clientX - from.clientX}px, ${clientY - from.clientY}px)`
      })
    },
    { boxCount: boxes, pathCount: paths },
  )
  await page.waitForTimeout(500)
  return page
}
