/* Today's own: keys that act on the row in focus, and where the focus goes after a row is gone. Works with ui.js. */
(() => {
  const { $, $$, on } = window.headgate;
  const rowOf = (element) => element?.closest?.('.tk [data-row]');
  const typing = (element) => element.closest('input,select,textarea,[contenteditable]');
  let place = 0;

  function open(details) {
    if (!details) return;
    $$('.tk details[open]').forEach((other) => { if (other !== details) other.open = false; });
    details.open = true;
    $('input:not([type=hidden])', details).focus();
  }
  on('keydown', (event) => {
    const { target } = event, row = rowOf(target), key = event.key?.toLowerCase();
    if (!row) return;
    if (key === 'escape' && typing(target)) { target.closest('details').open = false; return row.focus(); }
    if (key === 'enter' && target === row) return location.assign(row.dataset.deal);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || !('letterKeys' in document.body.dataset)) return;
    const details = $(`[data-key-row="${key}"]`, row), link = key === 'l' && $('[data-reply]', row);
    if (!details && !link) return;
    event.preventDefault();
    event.stopPropagation();
    if (link) link.click(); else open(details);
  }, true);
  on('click', ({ target }) => {
    const details = target.closest('.tk summary')?.parentElement;
    if (details && !details.open) setTimeout(() => open(details));
  });
  $('#saved')?.focus(); // what was just put on record is read first
  // A row that was saved is gone: the focus goes to the one that took its place.
  on('htmx:beforeRequest', ({ detail }) => { place = $$('.tk [data-row]').indexOf(rowOf(detail.elt)); });
  on('htmx:afterSettle', ({ target }) => { // not before: the new rows have their own keys and links by then
    if (target.id !== 'main') return;
    const rows = $$('.tk [data-row]'), wrong = $('.tk [aria-invalid=true]');
    (wrong || rows[Math.min(Math.max(place, 0), rows.length - 1)] || $('#main')).focus();
  });
})();
