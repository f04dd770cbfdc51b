// What is beside the page or beyond the box of its picture; two texts or two boxes on each other. What scrolls may be
// wider than its frame.
() => {
  const found = []
  const kind = node => `${node.tagName} ${node.className.baseVal ?? node.className}`
  const name = node => `${kind(node)} ${node.textContent.trim().slice(0, 40)}`
  const page = document.documentElement
  if (page.scrollWidth > innerWidth) found.push(`the page is ${page.scrollWidth} wide`)
  for (const node of document.body.querySelectorAll('*')) {
    const box = node.getBoundingClientRect()
    if (!box.width || node.closest('.scroll') || node.closest('svg')) continue
    if (box.right > innerWidth + 1 || box.left < -1) found.push(`beside the page: ${name(node)}`)
  }
  const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1
  const check = nodes => nodes.forEach((node, at) => nodes.slice(at + 1).forEach(other => {
    if (!apart(node.getBoundingClientRect(), other.getBoundingClientRect())) found.push(`${name(node)} on ${name(other)}`)
  }))
  for (const svg of document.querySelectorAll('svg:not(.defs)')) {
    const frame = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')]
    for (const text of texts) {
      const box = text.getBoundingClientRect()
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1) {
        found.push(`beyond its picture: ${name(text)}`)
      }
    }
    check(texts)
  }
  check([...document.querySelectorAll('.card')])
  check([...document.querySelectorAll('section')])
  return found
}
