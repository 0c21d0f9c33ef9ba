/* What every page shares: dialogs after a swap, notes when a request fails, drafts, menus, keys, palette.
   Each page works without it. No dependency but htmx, and that only where a page uses it. */
(() => {
  const $ = (query, root = document) => root.querySelector(query);
  const body = document.body;
  const focusable = 'a[href],button:not([disabled]),input:not([type=hidden]),select,textarea,[tabindex]';
  const say = (text) => { $('#live').textContent = text; };

  /* ---- dialogs: what is swapped into #dialog-root opens, and gives focus back when it closes ---- */
  const root = $('#dialog-root');
  let opener = null;

  function firstToFill(dialog) {
    const fields = [...dialog.querySelectorAll('.db input:not([type=hidden]),.db select,.db textarea')].filter((f) => f.offsetParent);
    return $('[aria-invalid=true]', dialog) || $('[autofocus]', dialog) || fields.find((f) => !/radio|checkbox|file/.test(f.type) && !f.value)
      || $('.db input:checked', dialog) || fields[0] || $(focusable, dialog);
  }

  function openDialog(dialog, from) {
    opener = from || document.activeElement;
    dialog.returnTo = dialog.dataset.return || null;
    if (dialog.open) dialog.close();
    dialog.showModal();
    restore(dialog);
    firstToFill(dialog)?.focus({ preventScroll: true });
    const scroller = $('.db', dialog);
    if (scroller && !$('[aria-invalid=true]', dialog)) scroller.scrollTop = 0;
    dialog.addEventListener('close', () => {
      const back = dialog.returnTo ? $(dialog.returnTo) : opener;
      if (root.contains(dialog)) root.replaceChildren();
      (back?.isConnected ? back : $('#main')).focus();
    }, { once: true });
  }

  body.addEventListener('htmx:afterSwap', (event) => {
    if (event.target !== root) return;
    const dialog = $('dialog', root);
    if (dialog) openDialog(dialog, lastElement);
    else { // the move went through and the dialog is gone: focus goes to what it was about
      const goal = event.detail.xhr?.getResponseHeader('X-Focus');
      (goal && $(goal) || opener?.isConnected && opener || $('#main')).focus();
    }
  });
  document.addEventListener('click', (event) => {
    const open = event.target.closest('[data-open]');
    if (open) { event.preventDefault(); openDialog($('#' + open.dataset.open), open); }
    if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
    const toast = event.target.closest('[data-dismiss]')?.closest('.toast,.note');
    if (toast) toast.remove();
    if (event.target.matches('dialog')) event.target.close(); // the backdrop; what was typed is kept as a draft
  });

  /* ---- requests: busy after 300 ms, a note when nothing was saved ---- */
  let lastElement = null;
  const busy = new WeakMap();

  body.addEventListener('htmx:beforeRequest', (event) => {
    const element = event.detail.elt;
    if (event.detail.target === root) lastElement = element;
    notes(element).forEach((note) => note.remove());
    const button = event.detail.requestConfig?.triggeringEvent?.submitter || (element.matches('button') ? element : null);
    if (!button) return;
    busy.set(element, setTimeout(() => {
      button.setAttribute('aria-busy', 'true');
      if (!button.dataset.busy) return;
      button.dataset.label = button.innerHTML;
      button.style.minWidth = button.offsetWidth + 'px';
      button.textContent = button.dataset.busy;
    }, 300));
  });
  body.addEventListener('htmx:afterRequest', (event) => {
    // Where the answer replaced the form, the event comes from what is left of the page.
    const element = event.detail.requestConfig?.elt || event.detail.elt;
    clearTimeout(busy.get(element));
    document.querySelectorAll('[aria-busy=true].btn').forEach((button) => {
      button.removeAttribute('aria-busy');
      if (button.dataset.label) { button.innerHTML = button.dataset.label; delete button.dataset.label; }
    });
    if (event.detail.successful && event.detail.xhr.status !== 422) forget(element.closest('form'));
  });

  const place = (element) => element?.closest?.('dialog[open]')?.querySelector('.db') || $('#toasts');
  const notes = (element) => [...place(element).querySelectorAll('[data-when]')];

  function unsaved(element, when, words) {
    const template = $('#unsaved').content;
    const note = ($(`[data-when="${when}"]`, template) || $('[data-when=error]', template)).cloneNode(true);
    if (words) $('p', note).lastChild.data = ' ' + words;
    notes(element).forEach((old) => old.remove());
    $('[data-retry]', note)?.addEventListener('click', () => {
      note.remove();
      if (element?.matches('form')) element.requestSubmit();
      else element?.dispatchEvent(new CustomEvent('retry', { bubbles: true }));
    });
    place(element).prepend(note);
    note.scrollIntoView({ block: 'nearest' });
  }
  body.addEventListener('htmx:sendError', (event) => unsaved(event.detail.elt, 'silent'));
  body.addEventListener('htmx:timeout', (event) => unsaved(event.detail.elt, 'silent'));
  body.addEventListener('htmx:responseError', (event) => {
    const { elt, xhr } = event.detail;
    if (xhr.status !== 401) unsaved(elt, String(xhr.status), said(xhr.responseText));
  });
  const said = (answer) => $('[data-said]', new DOMParser().parseFromString(answer, 'text/html'))?.textContent; // the server's own sentence

  /* ---- drafts: what is typed into form[data-draft] survives a closed dialog, a failure, a login ---- */
  const keyOf = (form) => 'draft:' + form.dataset.draft;
  const fieldsOf = (form) => [...form.elements].filter((f) => f.name && !/hidden|file|password|submit|button/.test(f.type));
  const ticks = (field) => /radio|checkbox/.test(field.type);

  document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form?.dataset.draft) return;
    const kept = fieldsOf(form).filter((f) => !ticks(f) || f.checked).map((f) => [f.name, f.value]);
    sessionStorage.setItem(keyOf(form), JSON.stringify(kept));
  });
  function restore(scope) {
    scope.querySelectorAll('form[data-draft]').forEach((form) => {
      const kept = JSON.parse(sessionStorage.getItem(keyOf(form)) || 'null');
      if (!kept) return;
      fieldsOf(form).forEach((field) => {
        if (ticks(field)) field.checked = kept.some(([n, v]) => n === field.name && v === field.value);
        else if (!field.value || field.value === field.defaultValue) field.value = kept.find(([n]) => n === field.name)?.[1] ?? field.value;
      });
    });
  }
  function forget(form) { if (form?.dataset.draft) sessionStorage.removeItem(keyOf(form)); }
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[hx-post],[data-hx-post]')) forget(event.target);
  });
  restore(document);

  /* ---- menus: [data-menu=id] opens the popover of that id beside itself ---- */
  function placeMenu(menu, button) {
    const box = button.getBoundingClientRect();
    menu.showPopover();
    menu.style.left = Math.max(8, Math.min(box.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8)) + 'px';
    menu.style.top = Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8)) + 'px';
    $(focusable, menu)?.focus();
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-menu]');
    if (!button) return;
    event.preventDefault();
    lastElement = button;
    const menu = document.getElementById(button.dataset.menu);
    if (!button.hasAttribute('hx-get')) placeMenu(menu, button); // else it opens when the answer is in it
  });
  body.addEventListener('htmx:afterSwap', (event) => {
    if (event.target.matches('.menu[popover]') && lastElement?.isConnected) placeMenu(event.target, lastElement);
  });

  function step(event, list, amount) {
    const items = [...list.querySelectorAll(focusable)].filter((item) => item.offsetParent && item.tabIndex >= 0);
    const next = items[items.indexOf(document.activeElement) + amount];
    if (next) { event.preventDefault(); next.focus(); }
  }

  /* ---- keys ---- */
  const typing = (element) => element.closest('input,select,textarea,[contenteditable]');
  const letterKeys = () => body.hasAttribute('data-letter-keys');

  function palette(event) {
    const dialog = $('#palette');
    if (!dialog) return;
    event.preventDefault();
    openDialog(dialog);
    $('input', dialog).select();
  }
  document.addEventListener('click', (event) => { if (event.target.closest('[data-palette]')) palette(event); });
  document.addEventListener('keydown', (event) => {
    const list = event.target.closest('.menu,.pal');
    if (list && /^Arrow(Up|Down)$/.test(event.key)) return step(event, list, event.key === 'ArrowDown' ? 1 : -1);
    if (event.key === 'Escape') event.target.closest('.edit-form')?.querySelector('a').click(); // leave it as it was
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return palette(event);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !letterKeys() || $('dialog[open]')) return;
    if (event.key === '/') return palette(event);
    if (event.key === '?') { event.preventDefault(); return openDialog($('#shortcuts')); }
    if (/^[jk]$/i.test(event.key)) return walk(event, event.key.toLowerCase() === 'j' ? 1 : -1);
    const button = /^[a-z]$/i.test(event.key) && $(`[data-key="${event.key.toLowerCase()}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  function walk(event, amount) { // J and K go through the rows of the page's list
    const rows = [...document.querySelectorAll('[data-row]')];
    const row = rows[rows.indexOf(document.activeElement.closest('[data-row]')) + amount];
    if (row) { event.preventDefault(); (row.matches(focusable) ? row : $(focusable, row))?.focus(); }
  }

  /* ---- the look, toasts ---- */
  body.addEventListener('theme', (event) => {
    const theme = event.detail.theme;
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    requestAnimationFrame(() => $('form.theme button')?.focus());
  });
  function fade(toast) { // a plain message goes after 8 s unless somebody is on it; one with Undo stays
    if (toast.matches('[data-undo]')) return;
    const gone = () => (toast.matches(':hover,:focus-within') ? setTimeout(gone, 3000) : toast.remove());
    setTimeout(gone, 8000);
  }
  document.querySelectorAll('.toast').forEach(fade);
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => node.matches?.('.toast') && fade(node))))
    .observe($('#toasts'), { childList: true });

  window.headgate = { say, openDialog, unsaved, forget };
})();
