// The button is there only where it can do something.
document.querySelectorAll('[data-print]').forEach((button) => { button.hidden = false; button.addEventListener('click', () => print()); });
