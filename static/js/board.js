/* The board: drag by pointer, keys, the Move menu, what changed meanwhile. The server decides every move; a card
   never leaves its column until it agrees. Without this file each card's Move button is a plain form. */
(() => {
  const $ = (query, root = document) => root.querySelector(query);
  const $$ = (query, root = document) => [...root.querySelectorAll(query)];
  const board = $('#board'), menu = $('#move-menu');
  if (!board) return;
  const say = (key, card) => headgate.say(board.dataset[key].replace('{deal}', nameOf(card)));
  const link = (card) => $('.t a', card);
  const nameOf = (card) => link(card).textContent;
  const listOf = (card) => card.closest('.cards');
  const stages = () => $$('.col[data-stage]', board).map((column) => column.dataset.stage);

  /* ---- one move: the same request for drag, keys and menu ---- */
  const moving = new Set();
  const key = () => [...crypto.getRandomValues(new Uint32Array(4))].map((number) => number.toString(36)).join('-');

  async function move(card, to) {
    const deal = card.dataset.deal, source = link(card);
    if (moving.has(deal)) return false;
    if ('fixed' in card.dataset) { say('fixed', card); return false; }
    moving.add(deal);
    card.lastTo = to;
    const saving = setTimeout(() => card.setAttribute('aria-busy', 'true'), 300);
    let status = 0;
    source.addEventListener('htmx:beforeOnLoad', (event) => { status = event.detail.xhr.status; }, { once: true });
    const values = { to, seen_seq: card.dataset.seq, key: key(), from: 'board' };
    try {
      await htmx.ajax('POST', `/deals/${deal}/move/`, { source, target: '#dialog-root', swap: 'innerHTML', values });
    } catch { /* ui.js has shown that nothing was saved */ }
    clearTimeout(saving);
    card.removeAttribute('aria-busy');
    moving.delete(deal);
    if (status === 422) { card.classList.add('blk'); say('refused', card); }
    if (status === 409) say('changed', card);
    return status === 200;
  }
  board.addEventListener('retry', (event) => { const card = event.target.closest('.card'); if (card) move(card, card.lastTo); });
  document.addEventListener('submit', (event) => { // Undo in a toast answers with a fragment too
    const form = event.target, toast = form.closest('.toast');
    if (!toast || !/^\/deals\/\d+\/move\/$/.test(form.getAttribute('action'))) return;
    event.preventDefault();
    htmx.ajax('POST', form.getAttribute('action'), { source: board, target: '#dialog-root', swap: 'innerHTML', values: { ...Object.fromEntries(new FormData(form)), from: 'board' } });
    toast.remove();
  });

  /* ---- after a move the card goes to its place in the column ---- */
  const order = (item) => { const card = $('.card', item); return [card?.dataset.on || '', Number(card?.dataset.deal || Infinity)]; };
  const before = (a, b) => { const [dayA, idA] = order(a), [dayB, idB] = order(b); return dayA === dayB ? idA < idB : dayA < dayB; };

  document.body.addEventListener('htmx:oobAfterSwap', (event) => {
    const list = event.detail.target;
    if (!list?.matches?.('.cards') || event.detail.placed) return;
    event.detail.placed = true; // the same swap is told several times
    const item = list.firstElementChild, fold = $('.unfold', list.parentElement);
    if (!item) return;
    const next = [...list.children].slice(1).find((other) => other.matches('.rest') || before(item, other));
    list.insertBefore(item, next || null);
    if (fold) fold.open = true;
    $('.card', item)?.classList.add('fresh');
    tabStops();
  });

  /* ---- keys: one tab stop a column, arrows between cards ---- */
  function tabStops() {
    $$('.cards', board).forEach((list) => {
      const cards = $$('.card', list);
      const current = cards.find((card) => card === list.current) || cards[0];
      cards.forEach((card) => $$('.t a,.mv', card).forEach((stop) => { stop.tabIndex = card === current ? 0 : -1; }));
    });
  }
  board.addEventListener('focusin', (event) => {
    const card = event.target.closest('.card');
    if (card && listOf(card).current !== card) { listOf(card).current = card; tabStops(); }
  });
  function neighbour(card, way) {
    const cards = $$('.card', listOf(card)), place = cards.indexOf(card);
    if (way === 'ArrowDown' || way === 'ArrowUp') return cards[place + (way === 'ArrowDown' ? 1 : -1)];
    const lists = $$('.cards', board).filter((list) => list === listOf(card) || (list.offsetParent && $('.card', list)));
    const next = lists[lists.indexOf(listOf(card)) + (way === 'ArrowRight' ? 1 : -1)];
    return next && ($$('.card', next)[place] || $$('.card', next).at(-1));
  }
  function shift(card, forward) {
    const all = stages(), to = all[all.indexOf(card.dataset.stage) + (forward ? 1 : -1)];
    if (to) move(card, to); else say(forward ? 'last' : 'first', card);
  }
  board.addEventListener('keydown', (event) => {
    const card = event.target.closest('.card');
    if (!card || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select,input')) return;
    if (/^m$/i.test(event.key) && document.body.hasAttribute('data-letter-keys')) { event.preventDefault(); $('.mv', card)?.click(); return; }
    if (!/^Arrow/.test(event.key)) return;
    if (event.shiftKey && /Left|Right/.test(event.key)) { event.preventDefault(); shift(card, event.key === 'ArrowRight'); return; }
    const next = neighbour(card, event.key);
    if (next) { event.preventDefault(); link(next).focus(); }
  });

  /* ---- the Move menu: one for all cards; ui.js shows it beside the button ---- */
  let menuCard = null;
  board.addEventListener('click', (event) => {
    const button = event.target.closest('.mv');
    if (!button) return;
    menuCard = button.closest('.card');
    const all = stages(), now = all.indexOf(menuCard.dataset.stage), { status, unmet } = menuCard.dataset;
    $$('[data-to]', menu).forEach((item) => {
      const place = all.indexOf(item.dataset.to), tag = $('.tag', item);
      item.hidden = !!item.dataset.for && !item.dataset.for.split(' ').includes(status);
      if (!tag) return;
      item.setAttribute('aria-disabled', place === now);
      tag.className = 'tag ' + (place === now + 1 ? (unmet === '0' ? 'chip ok' : 'chip warn') : 'dim sm');
      tag.textContent = place === now ? menu.dataset.now : place < now ? menu.dataset.back
        : place > now + 1 ? '' : unmet === '0' ? menu.dataset.ready : menu.dataset.unmet.replace('{n}', unmet);
    });
    menu.setAttribute('aria-label', button.getAttribute('aria-label'));
  }, true);
  menu?.addEventListener('click', (event) => {
    const item = event.target.closest('[data-to]');
    if (!item || item.getAttribute('aria-disabled') === 'true') return;
    menu.hidePopover();
    link(menuCard).focus({ preventScroll: true });
    move(menuCard, item.dataset.to);
  });

  /* ---- drag: a ghost under the pointer; touch uses the Move button ---- */
  let drag = null;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  board.addEventListener('dragstart', (event) => event.preventDefault()); // else the link's own drag cancels the pointer
  board.addEventListener('pointerdown', (event) => {
    const card = event.target.closest('.card');
    if (!card || event.button || event.pointerType === 'touch' || 'fixed' in card.dataset || event.target.closest('details')) return;
    drag = { card, x: event.clientX, y: event.clientY, id: event.pointerId };
  });
  function lift() {
    const box = drag.card.getBoundingClientRect(), ghost = drag.card.cloneNode(true);
    Object.assign(drag, { box, ghost, dx: drag.x - box.left, dy: drag.y - box.top });
    ghost.classList.add('ghost');
    ghost.removeAttribute('data-deal');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.style.width = box.width + 'px';
    document.body.append(ghost);
    drag.card.classList.add('lift');
    board.setPointerCapture(drag.id);
    say('lifted', drag.card);
  }
  function targetOf(card, column) { // what dropping there asks for; nothing where it asks for nothing
    if (!column) return '';
    if (column.dataset.stage !== card.dataset.stage) return column.dataset.stage;
    return card.dataset.status === 're_engaging' ? 'return' : '';
  }
  function hint(card, column) {
    const all = stages(), way = all.indexOf(column.dataset.stage) - all.indexOf(card.dataset.stage);
    return way <= 0 || (way === 1 && card.dataset.unmet === '0') ? 'gate-open' : 'gate-shut';
  }
  function unhint() { $$('.gate-open,.gate-shut', board).forEach((column) => column.classList.remove('gate-open', 'gate-shut')); }
  board.addEventListener('pointermove', (event) => {
    if (!drag) return;
    if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 5) return;
    if (!drag.ghost) lift();
    drag.ghost.style.left = event.clientX - drag.dx + 'px';
    drag.ghost.style.top = event.clientY - drag.dy + 'px';
    const edge = board.getBoundingClientRect();
    board.scrollLeft += event.clientX > edge.right - 48 ? 12 : event.clientX < edge.left + 48 ? -12 : 0;
    const column = document.elementsFromPoint(event.clientX, event.clientY).find((node) => node.matches?.('.col[data-stage]'));
    if (column === drag.column) return;
    unhint();
    drag.column = column;
    if (targetOf(drag.card, column)) column.classList.add(hint(drag.card, column));
  });
  async function drop(given) {
    if (!drag) return;
    const { card, column, ghost, box } = drag;
    drag = null;
    if (!ghost) return;
    unhint();
    const eat = (event) => { event.preventDefault(); event.stopPropagation(); };
    addEventListener('click', eat, true); // the one click that ends a drag opens nothing
    setTimeout(() => removeEventListener('click', eat, true), 0);
    const to = given && targetOf(card, column);
    const home = { left: box.left + 'px', top: box.top + 'px', rotate: '0deg' };
    if (!(to && await move(card, to))) await ghost.animate([{}, home], { duration: calm.matches ? 0 : 220, easing: 'cubic-bezier(.2,.7,.2,1)' }).finished;
    ghost.remove();
    card.classList.remove('lift');
  }
  board.addEventListener('pointerup', () => drop(true));
  board.addEventListener('pointercancel', () => drop(false));
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') drop(false); });

  /* ---- what changed meanwhile: asked every 10 s while somebody looks, merged card by card ---- */
  const busy = () => drag || moving.size || $('dialog[open],[popover]:popover-open,.mvd[open]') || document.hidden;
  async function freshen() {
    if (busy()) return;
    const join = board.dataset.changes.endsWith('?') ? '' : '&';
    const answer = await fetch(`${board.dataset.changes}${join}since=${board.dataset.version}`, { headers: { 'HX-Request': 'true' } }).catch(() => null);
    if (answer?.status !== 200 || busy()) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    $('#sum').replaceWith($('#sum', page));
    $$('#jump .num', page).forEach((count, place) => { $$('#jump .num')[place].textContent = count.textContent; });
    $$('.cards', page).forEach((list) => merge($('#' + list.id), list));
    $$('.col > header', page).forEach((head) => $('#' + head.id)?.replaceWith(head));
    board.dataset.version = $('#board', page).dataset.version;
  }
  const face = (item) => item.textContent + $('.card', item)?.dataset.rev + $('.card', item)?.dataset.seq;
  function merge(here, there) {
    if (!here) return;
    const known = new Map([...here.children].map((item) => [item.id, item])), focused = document.activeElement, top = here.scrollTop;
    const shown = [...there.children].map((item) => {
      const old = item.id && known.get(item.id);
      if (old && face(old) === face(item)) return old;
      if (item.id) $('.card', item).classList.add('fresh');
      if (item.id && !old) document.getElementById(item.id)?.remove(); // it came from another column
      return item;
    });
    const end = shown.at(-1);
    const later = end?.matches('.rest') ? [...here.children].filter((item) => !shown.includes(item) && !there.querySelector('#' + item.id) && before(shown.at(-2), item)) : [];
    const kept = later.some((item) => item.id) ? [...shown.slice(0, -1), ...later] : shown;
    if (kept.length === here.children.length && kept.every((item, place) => item === here.children[place])) return;
    here.replaceChildren(...kept);
    htmx.process(here);
    here.scrollTop = top;
    if (here.contains(focused)) focused.focus({ preventScroll: true });
    tabStops();
  }
  setInterval(freshen, 10000);
  document.addEventListener('visibilitychange', freshen);

  /* ---- the phone's stage strip follows the swipe ---- */
  const strip = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    $$('#jump a').forEach((tab) => tab.toggleAttribute('aria-current', tab.hash === '#' + target.id));
    const tab = $('#jump [aria-current]');
    if (tab) tab.parentElement.scrollTo({ left: tab.offsetLeft - 14 });
  }), { root: board, threshold: .7 });
  if (matchMedia('(max-width: 720px)').matches) $$('.col', board).forEach((column) => strip.observe(column));

  document.body.addEventListener('htmx:afterSettle', tabStops);
  tabStops();
})();
