/* The form after a meeting: what is typed is kept on this phone until the server has it, with or without signal.
   Sent again it adds nothing twice: the form carries a key. Works without this file. */
(() => {
  const { $, $$, on, say } = window.headgate;
  const FORM = 'form[data-keep]';
  const nameOf = (form) => 'just-now:' + form.dataset.keep;
  const fields = (form) => [...form.elements].filter((f) => f.name && !/password|submit|button|file/.test(f.type) && f.name !== 'csrfmiddlewaretoken');
  const ticks = (field) => /radio|checkbox/.test(field.type);
  const note = (form, name) => {
    for (const one of ['offline', 'online']) $(`[data-${one}]`, form).hidden = one !== name;
    if (name) say($(`[data-${name}]`, form).textContent);
  };

  function keep(form, waits) {
    const day = $('[data-day]', form); // it happened when it was typed, whenever it is sent
    if (!day.value) day.value = day.dataset.day;
    const kept = fields(form).filter((f) => !ticks(f) || f.checked).map((f) => [f.name, f.value]);
    localStorage.setItem(nameOf(form), JSON.stringify({ kept, waits }));
  }
  const read = (form) => { try { return JSON.parse(localStorage.getItem(nameOf(form))); } catch { return null; } };
  const forget = (form) => localStorage.removeItem(nameOf(form));

  function restore() {
    $$(FORM).forEach((form) => {
      const found = form.restored ? null : read(form);
      form.restored = true;
      if (!found || $('[aria-invalid=true]', form)) return;
      for (const field of fields(form)) {
        if (ticks(field)) field.checked = found.kept.some(([n, v]) => n === field.name && v === field.value);
        else field.value = found.kept.find(([n]) => n === field.name)?.[1] ?? field.value;
      }
      if ($('[name=who]', form).value) $('.else', form).open = true;
      if (found.waits) note(form, navigator.onLine ? 'online' : 'offline');
    });
  }

  async function send(form) {
    const button = $('.jf .pri', form), words = button.textContent, day = $('[data-day]', form);
    if (!day.value) day.value = day.dataset.day;
    button.disabled = true;
    button.textContent = button.dataset.busy;
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(15000) });
      if (answer.status === 422) return replace(form, await answer.text());
      if (!answer.ok) throw new Error(answer.status);
      if (new URL(answer.url).searchParams.has('saved')) forget(form);
      else keep(form, true); // asked to sign in again, perhaps
      return location.assign(answer.url);
    } catch {
      keep(form, true);
      note(form, 'offline');
    }
    button.disabled = false;
    button.textContent = words;
    button.focus();
  }

  function replace(form, text) {
    const fresh = $('#just-now', new DOMParser().parseFromString(text, 'text/html'));
    form.closest('#just-now').replaceWith(fresh);
    window.htmx?.process(fresh);
    restore();
    ($('[aria-invalid=true]', fresh) || $('.note:not([hidden])', fresh) || fresh).focus?.();
  }

  on('input', ({ target }) => { if (target.form?.matches(FORM)) keep(target.form, false); });
  on('submit', (event) => {
    if (!event.target.matches(FORM)) return;
    event.preventDefault();
    send(event.target);
  });
  addEventListener('online', () => $$(FORM).forEach((form) => read(form)?.waits && note(form, 'online')));
  on('htmx:afterSettle', restore);
  restore();
})();
