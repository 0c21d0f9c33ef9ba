/* What changed meanwhile: asked every data-every ms, 8 s where the page does not say, while somebody looks. What is
   opened, the place in the page and the focus stay. */
(() => {
  const page = () => document.getElementById('mon');
  const busy = () => document.hidden || document.querySelector('dialog[open],[popover]:popover-open') || page().contains(document.activeElement?.closest('form'));
  const STOPS = 'a[href], button, summary, select, input, [tabindex]';
  const same = (one, other) => one.tagName === other.tagName && one.id === other.id && one.getAttribute('href') === other.getAttribute('href') && one.closest('[id]')?.id === other.closest('[id]')?.id;
  // Where the focus was: the same link or summary, else what stands in its place now.
  const again = (there, stop, at) => {
    const stops = [...there.querySelectorAll(STOPS)], like = stops.filter((one) => same(one, stop));
    return (stop.tagName === 'SUMMARY' ? like.find((one) => one.textContent === stop.textContent) : like[0]) || stops[at];
  };
  async function freshen() {
    if (busy()) return;
    const { changes, version } = page().dataset, address = new URL(changes, location);
    address.searchParams.set('since', version);
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => {});
    if (answer?.status !== 200) return;
    const fresh = await fetch(location, { headers: { Since: version } }).catch(() => {});
    if (fresh?.status !== 200 || busy()) return;
    const there = new DOMParser().parseFromString(await fresh.text(), 'text/html').getElementById('mon');
    if (!there) return;
    const at = [...page().querySelectorAll(STOPS)].indexOf(document.activeElement), stop = document.activeElement, top = scrollY;
    const sides = [...page().querySelectorAll('.scroll')].map((part) => part.scrollLeft);
    const path = (part) => `${part.closest('[id]')?.id} ${part.querySelector('summary')?.textContent}`;
    const open = new Set([...page().querySelectorAll('details[open]')].map(path));
    there.querySelectorAll('details').forEach((part) => { part.open = open.has(path(part)); });
    page().replaceWith(there);
    there.querySelectorAll('.scroll').forEach((part, number) => { part.scrollLeft = sides[number] || 0; });
    document.querySelectorAll('[data-print]').forEach((button) => { button.hidden = false; button.addEventListener('click', () => print()); });
    if (at >= 0) again(there, stop, at)?.focus({ preventScroll: true });
    scrollTo({ top, behavior: 'instant' });
    window.htmx?.process(there);
  }
  const next = () => setTimeout(async () => { await freshen(); next(); }, Number(page().dataset.every) || 8000);
  next();
  document.addEventListener('visibilitychange', freshen);
})();
