/* The board: drag by pointer, keys, the Move menu, what changed meanwhile. The server decides every move; a card
   stays in its column until it agrees. Without this file each card's Move button is a plain form. */
(() => {
  const { $, $$, on } = headgate;
  const board = $('#board'), menu = $('#move-menu');
  if (!board) return;
  const link = (card) => $('.t a', card);
  const say = (key, card) => headgate.say(board.dataset[key].replace('{deal}', link(card).textContent));
  const cardOf = (event) => event.target.closest('.card');
  const listOf = (card) => card.closest('.cards');
  const stages = $$('.col[data-stage]', board).map((column) => column.dataset.stage);
  const placeOf = (data) => stages.indexOf(data.stage);

  /* ---- one move: the same request for drag, keys and menu ---- */
  const moving = new Set();

  async function move(card, to) {
    const { deal, seq } = card.dataset, source = link(card);
    if ('fixed' in card.dataset) return say('fixed', card);
    if (moving.has(deal)) return;
    moving.add(deal);
    card.lastTo = to;
    const saving = setTimeout(() => card.setAttribute('aria-busy', 'true'), 300);
    let status;
    source.addEventListener('htmx:beforeOnLoad', ({ detail }) => { status = detail.xhr.status; }, { once: true });
    const key = crypto.getRandomValues(new Uint32Array(4)).join('-');
    try {
      await htmx.ajax('POST', `/deals/${deal}/move/`, { source, target: '#dialog-root', swap: 'innerHTML', values: { to, seen_seq: seq, key, from: 'board' } });
    } catch { /* ui.js has shown that nothing was saved */ }
    clearTimeout(saving);
    card.removeAttribute('aria-busy');
    moving.delete(deal);
    if (status === 422) { card.classList.add('blk'); say('refused', card); }
    if (status === 409) say('changed', card);
    return status === 200;
  }
  on('retry', (event) => { const card = cardOf(event); if (card) move(card, card.lastTo); });

  /* ---- after a move the card goes to its place in the column ---- */
  function order(item) { // by next step, those without one first, "Show more" last
    const { on: day, deal } = $('.card', item)?.dataset || { on: '~', deal: '' };
    return day.padEnd(10) + deal.padStart(18);
  }
  const before = (a, b) => order(a) < order(b);

  on('htmx:oobAfterSwap', ({ detail }) => {
    const list = detail.target;
    if (!list?.matches?.('.cards') || detail.placed) return;
    detail.placed = true; // the same swap is told several times
    const item = list.firstElementChild, fold = $('.unfold', list.parentElement);
    if (!item) return;
    list.insertBefore(item, [...list.children].slice(1).find((other) => before(item, other)) || null);
    if (fold) fold.open = true;
    $('.card', item)?.classList.add('fresh');
    tabStops();
  });

  /* ---- keys: one tab stop a column, arrows between cards ---- */
  function tabStops() {
    $$('.cards', board).forEach((list) => {
      const cards = $$('.card', list), current = cards.includes(list.current) ? list.current : cards[0];
      cards.forEach((card) => $$('.t a,.mv', card).forEach((stop) => { stop.tabIndex = card === current ? 0 : -1; }));
    });
  }
  board.addEventListener('focusin', (event) => {
    const card = cardOf(event);
    if (card) { listOf(card).current = card; tabStops(); }
  });
  function neighbour(card, key) {
    const list = listOf(card), cards = $$('.card', list), place = cards.indexOf(card), way = /Down|Right/.test(key) ? 1 : -1;
    if (/Down|Up/.test(key)) return cards[place + way];
    const lists = $$('.cards', board).filter((other) => other === list || (other.offsetParent && $('.card', other)));
    const next = lists[lists.indexOf(list) + way];
    return next && ($$('.card', next)[place] || $$('.card', next).at(-1));
  }
  board.addEventListener('keydown', (event) => {
    const card = cardOf(event), { key } = event;
    if (!card || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select,input')) return;
    let act;
    if (/^m$/i.test(key) && 'letterKeys' in document.body.dataset) act = () => $('.mv', card)?.click();
    else if (event.shiftKey && /^Arrow(Left|Right)$/.test(key)) {
      const forward = key === 'ArrowRight', to = stages[placeOf(card.dataset) + (forward ? 1 : -1)];
      act = () => (to ? move(card, to) : say(forward ? 'last' : 'first', card));
    } else if (/^Arrow/.test(key)) {
      const next = neighbour(card, key);
      act = next && (() => link(next).focus());
    }
    if (act) { event.preventDefault(); act(); }
  });

  /* ---- the Move menu: one for all cards, placed by ui.js ---- */
  let menuCard;
  board.addEventListener('click', (event) => {
    const button = event.target.closest('.mv');
    if (!button) return;
    menuCard = cardOf(event);
    const now = placeOf(menuCard.dataset), { status, unmet } = menuCard.dataset, { dataset } = menu, ready = unmet === '0';
    $$('[data-to]', menu).forEach((item) => {
      const place = stages.indexOf(item.dataset.to), tag = $('.tag', item);
      item.hidden = !(item.dataset.for || status).split(' ').includes(status);
      if (!tag) return;
      item.setAttribute('aria-disabled', place === now);
      tag.className = 'tag ' + (place === now + 1 ? (ready ? 'chip ok' : 'chip warn') : 'dim sm');
      tag.textContent = place === now ? dataset.now : place < now ? dataset.back
        : place > now + 1 ? '' : ready ? dataset.ready : dataset.unmet.replace('{n}', unmet);
    });
    $('[data-reply]', menu).href = `/deals/${menuCard.dataset.deal}/reply/?from=board`;
    menu.setAttribute('aria-label', button.getAttribute('aria-label'));
  }, true);
  menu?.addEventListener('click', (event) => {
    const item = event.target.closest('[data-reply],[data-to]:not([aria-disabled=true])');
    if (!item) return;
    event.preventDefault();
    menu.hidePopover();
    link(menuCard).focus({ preventScroll: true });
    if (item.href) htmx.ajax('GET', item.href, '#dialog-root');
    else move(menuCard, item.dataset.to);
  });

  /* ---- drag: a ghost under the pointer; touch uses the Move button ---- */
  let drag;
  board.addEventListener('dragstart', (event) => event.preventDefault()); // else the link's own drag cancels the pointer
  board.addEventListener('pointerdown', (event) => {
    const card = cardOf(event);
    if (!card || event.button || event.pointerType === 'touch' || 'fixed' in card.dataset || event.target.closest('details')) return;
    drag = { card, x: event.clientX, y: event.clientY };
  });
  function lift({ pointerId }) {
    const { card } = drag, ghost = card.cloneNode(true);
    Object.assign(drag, { ghost, box: card.getBoundingClientRect() });
    ghost.classList.add('ghost');
    ghost.removeAttribute('data-deal');
    ghost.setAttribute('aria-hidden', 'true');
    ghost.style.width = drag.box.width + 'px';
    document.body.append(ghost);
    card.classList.add('lift');
    board.setPointerCapture(pointerId);
    say('lifted', card);
  }
  function targetOf(card, column) { // what dropping there asks for, if anything
    if (!column) return '';
    if (column.dataset.stage !== card.dataset.stage) return column.dataset.stage;
    return card.dataset.status === 're_engaging' ? 'return' : '';
  }
  function hint({ card, column }) {
    $$('.gate-open,.gate-shut', board).forEach((old) => old.classList.remove('gate-open', 'gate-shut'));
    if (!card || !targetOf(card, column)) return;
    const way = placeOf(column.dataset) - placeOf(card.dataset);
    column.classList.add(way <= 0 || (way === 1 && card.dataset.unmet === '0') ? 'gate-open' : 'gate-shut');
  }
  board.addEventListener('pointermove', (event) => {
    const { clientX, clientY } = event;
    if (!drag || (!drag.ghost && Math.hypot(clientX - drag.x, clientY - drag.y) < 5)) return;
    if (!drag.ghost) lift(event);
    drag.ghost.style.left = drag.box.left + clientX - drag.x + 'px';
    drag.ghost.style.top = drag.box.top + clientY - drag.y + 'px';
    const edge = board.getBoundingClientRect();
    board.scrollLeft += clientX > edge.right - 48 ? 12 : clientX < edge.left + 48 ? -12 : 0;
    const column = document.elementsFromPoint(clientX, clientY).find((node) => node.matches('.col[data-stage]'));
    if (column !== drag.column) { drag.column = column; hint(drag); }
  });
  async function drop(given) {
    const { card, column, ghost, box } = drag || {};
    drag = null;
    if (!ghost) return;
    hint({});
    const eat = (event) => { event.preventDefault(); event.stopPropagation(); };
    addEventListener('click', eat, true); // the one click that ends a drag opens nothing
    setTimeout(() => removeEventListener('click', eat, true));
    const to = given && targetOf(card, column), calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!(to && await move(card, to))) {
      const home = { left: box.left + 'px', top: box.top + 'px', rotate: '0deg' };
      await ghost.animate([{}, home], { duration: calm ? 0 : 220, easing: 'cubic-bezier(.2,.7,.2,1)' }).finished;
    }
    ghost.remove();
    card.classList.remove('lift');
  }
  board.addEventListener('pointerup', () => drop(true));
  board.addEventListener('pointercancel', () => drop());
  on('keydown', ({ key }) => { if (key === 'Escape') drop(); });

  /* ---- what changed meanwhile: asked every 10 s while somebody looks, merged card by card ---- */
  const busy = () => drag || moving.size || $('dialog[open],[popover]:popover-open,.mvd[open]') || document.hidden;
  async function freshen() {
    if (busy()) return;
    const { changes, version } = board.dataset, address = new URL(changes, location);
    address.searchParams.set('since', version);
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } }).catch(() => {});
    if (answer?.status !== 200 || busy()) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    $$('#sum,.col > header', page).forEach((part) => $('#' + part.id)?.replaceWith(part));
    $$('#jump a', page).forEach((tab) => $(`#jump [href="${tab.hash}"]`)?.lastChild.replaceWith(tab.lastChild));
    const focused = document.activeElement;
    $$('.cards', page).forEach((list) => merge($('#' + list.id), list));
    (focused.isConnected ? focused : $(`#${focused.closest('[id]')?.id} .t a`))?.focus({ preventScroll: true });
    board.dataset.version = $('#board', page).dataset.version;
  }
  const face = (item) => item.textContent + $('.card', item)?.dataset.rev + $('.card', item)?.dataset.seq;
  function merge(here, there) {
    if (!here) return;
    const top = here.scrollTop, was = [...here.children];
    const kept = [...there.children].map((item) => {
      if (!item.id) return item;
      const old = $('#' + item.id);
      if (old?.parentNode === here && face(old) === face(item)) return old;
      $('.card', item).classList.add('fresh');
      if (old?.parentNode !== here) old?.remove(); // from another column
      return item;
    });
    const rest = kept.at(-1)?.matches('.rest') && kept.at(-2); // more pages may be open here
    const later = rest ? was.filter((item) => !kept.includes(item) && !$('#' + item.id, there) && before(rest, item)) : [];
    if (later.some((item) => item.id)) kept.splice(-1, 1, ...later);
    if (kept.length === was.length && kept.every((item, place) => item === was[place])) return;
    here.replaceChildren(...kept);
    htmx.process(here);
    here.scrollTop = top;
    tabStops();
  }
  setInterval(freshen, 10000);
  on('visibilitychange', freshen);

  /* ---- the phone's stage strip follows the swipe ---- */
  const strip = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
    $$('#jump a').forEach((tab) => tab.toggleAttribute('aria-current', tab.hash === '#' + target.id));
    const tab = $('#jump [aria-current]');
    tab?.parentElement.scrollTo({ left: tab.offsetLeft - 14 });
  }), { root: board, threshold: .7 });
  if (matchMedia('(max-width: 720px)').matches) $$('.col', board).forEach((column) => strip.observe(column));

  on('htmx:afterSettle', tabStops);
  tabStops();
})();
