//! Runs before anything is painted: the chosen theme, so that the page does not flash.

(() => {
  try {
    const theme = localStorage.getItem('engagement.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Nothing is kept.
  }
})();
