/* The review: J and → go on, K and ← go back; what decides has its keys from ui.js. */
(() => {
  const { $, on } = window.headgate;
  const LINKS = { j: 'next', arrowright: 'next', k: 'prev', arrowleft: 'prev' };
  on('keydown', (event) => {
    const key = event.key?.toLowerCase(), rel = LINKS[key];
    if (!rel || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || $('dialog[open]')) return;
    if (event.target.closest('input,select,textarea,[contenteditable],.scroll:focus')) return;
    if (key.length === 1 && !('letterKeys' in document.body.dataset)) return;
    const link = $(`a[rel=${rel}]`);
    event.stopPropagation();
    if (link) { event.preventDefault(); link.click(); }
  }, true);
})();
