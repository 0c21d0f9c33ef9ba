/* The publish page: while a publication runs, how far it is. Without it, the browser's own sign of waiting. */
document.querySelector('#publish_form').addEventListener('submit', ({ target, submitter }) => {
  const place = target.querySelector('#progress');
  if (place && submitter?.name !== 'preview') htmx.trigger(place, 'publishing');
});
