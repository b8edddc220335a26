//! CSV as RFC 4180 has it, safe to open in a spreadsheet. Pure.

/** A text that a spreadsheet would take for a formula gets an apostrophe. Numbers are ours and stay numbers. */
export function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const line = (values) => `${values.map(cell).join(',')}\r\n`;

/** A sheet with the lines that say what it is in front of it. `about` is a list of pairs. */
export function csvOf(sheet, about) {
  const head = [['Card', sheet.title], ...about].map(line).join('');
  const columns = line(sheet.columns.map(({ title }) => title));
  return head + '\r\n' + columns + sheet.rows.map(({ cells }) => line(cells)).join('');
}

/** Without the mark some spreadsheets take UTF-8 for something else. */
export const document = (parts) => `\uFEFF${parts.join('\r\n')}`;

/** A file name without anything that a file system, a shell or a header could take amiss. */
export function fileName(words, extension) {
  const clean = words
    .map((word) =>
      word
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N}]+/gu, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60),
    )
    .filter(Boolean);
  return `${clean.join('_').toLowerCase()}.${extension}`;
}
