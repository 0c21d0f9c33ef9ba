// Move up and Move down without a round trip. Without this file the same buttons save the page and move there.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-order] :is([name=_up], [name=_down])');
  if (!button) return;
  event.preventDefault();
  const row = button.closest('li'), list = row.parentElement, up = button.name === '_up';
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (up) other.before(row); else other.after(row);
  [...list.children].forEach((item, index, all) => {
    item.querySelector('.num').textContent = index + 1;
    item.querySelector('[name$="-position"]').value = index + 1;
    item.querySelector('[name=_up]').disabled = index === 0;
    item.querySelector('[name=_down]').disabled = index === all.length - 1;
  });
  // At an end the pressed button is off: stay on the row, on its other button.
  (button.disabled ? row.querySelector('.ord button:not(:disabled)') : button)?.focus();
  const live = document.querySelector('[data-order-live]');
  live.textContent = live.dataset.moved.replace('%s', row.querySelector('.num').textContent);
});
