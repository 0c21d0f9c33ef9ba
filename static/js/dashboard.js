/* What changed meanwhile: asked every 10 s while somebody looks. What is opened stays open. */
(() => {
  const page = () => document.getElementById('mon');
  const busy = () => document.hidden || document.querySelector('dialog[open],[popover]:popover-open') || page().contains(document.activeElement?.closest('form'));
  async function freshen() {
    if (busy()) return;
    const { changes, version } = page().dataset, address = new URL(changes, location);
    address.searchParams.set('since', version);
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => {});
    if (answer?.status !== 200) return;
    const fresh = await fetch(location).catch(() => {});
    if (fresh?.status !== 200 || busy()) return;
    const there = new DOMParser().parseFromString(await fresh.text(), 'text/html').getElementById('mon');
    if (!there) return;
    const open = [...document.querySelectorAll('#mon details[open]')].map((part) => part.closest('[id]')?.id);
    const focused = document.activeElement?.closest('#mon [id]')?.id;
    open.forEach((id) => there.querySelector(`#${CSS.escape(id)} details`)?.setAttribute('open', ''));
    page().replaceWith(there);
    document.querySelectorAll('[data-print]').forEach((button) => { button.hidden = false; button.addEventListener('click', () => print()); });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  setInterval(freshen, 10000);
  document.addEventListener('visibilitychange', freshen);
})();
