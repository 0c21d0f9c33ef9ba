/* What every page shares: dialogs, notes when a request fails, drafts, menus, keys, palette. */
(() => {
  const $ = (query, root = document) => root.querySelector(query);
  const $$ = (query, root = document) => [...root.querySelectorAll(query)];
  const on = document.addEventListener.bind(document);
  const focusable = 'a[href],button:not([disabled]),input:not([type=hidden]),select,textarea,[tabindex]';
  const say = (text) => { $('#live').textContent = text; };

  /* ---- dialogs: what is swapped into #dialog-root opens, and gives focus back when it closes ---- */
  const root = $('#dialog-root');
  let opener;
  const focusBack = (goal) => (goal && $(goal) || opener?.isConnected && opener || $('#main')).focus();

  function firstToFill(dialog) {
    const fields = $$('.db :is(input:not([type=hidden]),select,textarea)', dialog).filter((f) => f.offsetParent);
    return fields.find((f) => !/radio|checkbox|file/.test(f.type) && !f.value) || $('.db input:checked', dialog) || fields[0] || $(focusable, dialog);
  }
  function openDialog(dialog) {
    if (!dialog.open) dialog.showModal(); // focuses [autofocus]
    if (!$('[autofocus]', dialog)) firstToFill(dialog)?.focus({ preventScroll: true });
  }
  on('close', ({ target }) => {
    if (root.contains(target)) root.replaceChildren();
    focusBack(target.dataset.return);
  }, true);
  on('htmx:afterSwap', ({ target, detail }) => {
    restore(target);
    if (target !== root) return;
    const dialog = $('dialog', root);
    if (dialog) openDialog(dialog);
    else focusBack(detail.xhr.getResponseHeader('X-Focus')); // it went through
  });
  on('click', (event) => {
    const at = (query) => event.target.closest(query), menu = at('[data-menu]');
    if (at('[data-close]') || event.target.matches('dialog')) at('dialog').close(); // the backdrop, too
    at('[data-dismiss]')?.closest('.toast').remove();
    if (at('.edit-form a')) forget(at('form'));
    if (at('[data-palette]')) palette(event);
    if (menu) { event.preventDefault(); placeMenu($('#' + menu.dataset.menu), menu); }
  });

  /* ---- requests: busy after 300 ms, a note when nothing was saved ---- */
  const place = (element) => element.closest('dialog[open]')?.querySelector('.db') || $('#toasts');
  const clear = (element) => $$('[data-when]', place(element)).forEach((note) => note.remove());

  on('htmx:beforeRequest', ({ detail: { elt, target, requestConfig } }) => {
    if (target === root && !root.contains(elt)) opener = elt;
    clear(elt);
    const button = requestConfig.triggeringEvent?.submitter || elt.closest('button');
    if (!button) return;
    const words = button.innerHTML, { busy } = button.dataset;
    const wait = setTimeout(() => {
      button.setAttribute('aria-busy', 'true');
      button.style.minWidth = button.offsetWidth + 'px';
      if (busy) button.textContent = busy;
    }, 300);
    elt.calm = () => {
      clearTimeout(wait);
      button.removeAttribute('aria-busy');
      button.removeAttribute('style');
      if (busy) button.innerHTML = words;
    };
  });
  on('htmx:beforeOnLoad', ({ detail }) => detail.requestConfig.elt.calm?.()); // htmx would copy the style, against the policy
  on('htmx:afterRequest', ({ detail: { requestConfig, successful, xhr } }) => {
    const { elt } = requestConfig; // detail.elt is only what the answer left
    elt.calm?.();
    if (!successful || xhr.status >= 400) return;
    forget(elt);
    elt.closest('.toast')?.remove(); // undone
  });

  function unsaved(element, when, words) {
    const { content } = $('#unsaved'), note = ($(`[data-when="${when}"]`, content) || $('[data-when=error]', content)).cloneNode(true);
    if (words) $('p', note).lastChild.data = ' ' + words;
    $('[data-retry]', note)?.addEventListener('click', () => {
      note.remove();
      if (element.requestSubmit) element.requestSubmit();
      else element.dispatchEvent(new CustomEvent('retry', { bubbles: true }));
    });
    clear(element);
    place(element).prepend(note);
    note.scrollIntoView({ block: 'nearest' });
  }
  const silent = ({ detail }) => unsaved(detail.elt, 'silent');
  on('htmx:sendError', silent);
  on('htmx:timeout', silent);
  on('htmx:responseError', ({ detail: { elt, xhr } }) => {
    const page = new DOMParser().parseFromString(xhr.responseText, 'text/html');
    if (xhr.status !== 401) unsaved(elt, xhr.status, $('[data-said]', page)?.textContent); // the server's own sentence
  });

  /* ---- drafts: what is typed into form[data-draft] survives a closed dialog, a failure, a login ---- */
  const keyOf = (form) => 'draft:' + form.dataset.draft;
  const fieldsOf = (form) => [...form.elements].filter((f) => f.name && !/hidden|file|password|submit|button/.test(f.type));
  const ticks = (field) => /radio|checkbox/.test(field.type);
  const forget = (form) => sessionStorage.removeItem(keyOf(form));

  on('input', ({ target: { form } }) => {
    if (!form?.dataset.draft) return;
    const kept = fieldsOf(form).filter((f) => !ticks(f) || f.checked).map((f) => [f.name, f.value]);
    sessionStorage.setItem(keyOf(form), JSON.stringify(kept));
  });
  function restore(scope) {
    $$('form[data-draft]', scope).forEach((form) => {
      const kept = JSON.parse(sessionStorage.getItem(keyOf(form)));
      if (kept) fieldsOf(form).forEach((field) => {
        if (ticks(field)) field.checked = kept.some(([n, v]) => n === field.name && v === field.value);
        else if (!field.value || field.value === field.defaultValue) field.value = kept.find(([n]) => n === field.name)?.[1] ?? field.value;
      });
    });
  }
  on('submit', ({ target }) => { if (!target.matches('[hx-post]')) sessionStorage.sent = keyOf(target); });
  if (location.hash === '#kept') history.replaceState(0, '', location.pathname + location.search);
  else if (performance.navigation.type < 2) sessionStorage.removeItem(sessionStorage.sent); // it was taken
  delete sessionStorage.sent;
  restore();

  /* ---- menus: [data-menu=id] opens the popover of that id beside itself ---- */
  function placeMenu(menu, button) {
    const box = button.getBoundingClientRect();
    const within = (least, wanted, most) => Math.max(least, Math.min(wanted, most - least)) + 'px';
    menu.showPopover();
    menu.style.left = within(8, box.right - menu.offsetWidth, innerWidth - menu.offsetWidth);
    menu.style.top = within(8, box.bottom + 4, innerHeight - menu.offsetHeight);
    $(focusable, menu)?.focus();
  }

  /* ---- keys ---- */
  function palette(event) {
    const dialog = $('#palette');
    if (!dialog) return;
    event.preventDefault();
    opener = document.activeElement;
    openDialog(dialog);
    $('input', dialog).select();
  }
  function go(event, items, from, forward) {
    const next = items[items.indexOf(from) + (forward ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    (next.matches(focusable) ? next : $(focusable, next))?.focus();
  }
  on('keydown', (event) => {
    const { target } = event, key = event.key?.toLowerCase(), list = target.closest('.menu,.pal'), command = event.ctrlKey || event.metaKey;
    if (list && /^arrow(up|down)$/.test(key)) {
      const items = $$(focusable, list).filter((item) => item.offsetParent && item.tabIndex >= 0);
      return go(event, items, document.activeElement, key === 'arrowdown');
    }
    if (key === 'escape') target.closest('.edit-form')?.querySelector('a').click(); // leave it as it was
    if (command && key === 'k') return palette(event);
    const typing = target.closest('input,select,textarea,[contenteditable]');
    if (command || event.altKey || typing || !('letterKeys' in document.body.dataset) || $('dialog[open]')) return;
    if (key === '/') return palette(event);
    if (key === '?') { event.preventDefault(); opener = target; return openDialog($('#shortcuts')); }
    if (/^[jk]$/.test(key)) return go(event, $$('[data-row]'), target.closest('[data-row]'), key === 'j');
    const button = $$('[data-key]').find((one) => one.dataset.key === key);
    if (button) { event.preventDefault(); button.click(); }
  });

  /* ---- the look, toasts ---- */
  on('theme', ({ detail }) => { document.documentElement.dataset.theme = detail.theme; });
  on('animationend', ({ target }) => { if (target.matches('.toast')) target.remove(); }); // app.css times it

  window.headgate = { $, $$, on, say };
})();
