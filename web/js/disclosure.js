//! A button that opens something below it: closed by Escape, by a press elsewhere and by leaving it.

export function disclosure(button, content, { opened } = {}) {
  const set = (open) => {
    content.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) opened?.();
  };
  button.addEventListener('click', () => set(content.hidden));
  document.addEventListener('pointerdown', (event) => {
    if (!content.hidden && !content.contains(event.target) && !button.contains(event.target)) set(false);
  });
  content.parentElement.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || content.hidden) return;
    event.stopPropagation();
    set(false);
    button.focus();
  });
  content.parentElement.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !content.parentElement.contains(event.relatedTarget)) set(false);
  });
  return { close: () => set(false) };
}
