/* A drafted mail: its words into the clipboard. The button is there only where that works. */
const copy = document.querySelector('[data-copy]');
if (copy && navigator.clipboard) {
  const said = copy.textContent;
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const { subject, body } = copy.form.elements;
    await navigator.clipboard.writeText(`${subject.value}\n\n${body.value}`);
    copy.textContent = copy.dataset.copy;
    document.querySelector('#live').textContent = copy.dataset.copy;
    setTimeout(() => { copy.textContent = said; }, 2000);
  });
}
