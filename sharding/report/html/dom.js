// Elements from data. All text of a run goes through shown() and into text nodes; nothing of it is ever parsed as HTML.
const $ = (id) => document.getElementById(id);

// Text without colour sequences; control characters and those that reorder a line become visible.
function shown(text) {
  return String(text)
    .replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g, '')
    .replace(/\r\n/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/\u007f/g, '\u2421')
    .replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, (c) => '⟨U+' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + '⟩');
}

// el('a', { class: 'x', href: '#' , onclick: f }, 'text', element, null)
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false && child !== '') element.append(child);
  }
  return element;
}

function nameElement(row) {
  const suite = showsSuite(row) ? el('span', { class: 'suite' }, shown(suiteName(row) + '.')) : null;
  return el('span', { class: 'name', title: shown(fullName(row)) }, suite, shown(tests.name[row]) || '(no name)');
}
const badge = (letter) => el('span', { class: 'badge ' + letter }, OUTCOMES[letter].word);
const pairs = (list) => Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);
const facts = (list) => el('dl', { class: 'facts' }, list.filter(([, value]) => value !== '' && value !== null && value !== undefined)
  .map(([name, value, kind]) => [el('dt', null, name), el('dd', { class: kind }, value)]).flat());
const section = (title, small, ...content) =>
  el('section', null, el('h2', null, title, small ? el('small', null, small) : null), ...content);

async function copy(text, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = el('textarea', { class: 'hush' });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
  }
  const before = button.textContent;
  button.textContent = done ? 'Copied' : 'Cannot copy';
  setTimeout(() => { button.textContent = before; }, 1200);
}
const copyButton = (text, label) => el('button', { class: 'quiet', type: 'button', onclick: (e) => copy(text(), e.currentTarget) }, label);

// Light or dark: as the system has it, until somebody chooses.
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event('themechange'));
}
const systemTheme = matchMedia('(prefers-color-scheme: dark)');
function storedTheme() {
  try { return localStorage.getItem('cleave-theme'); } catch { return null; }
}
function startTheme() {
  const wanted = () => storedTheme() ?? (systemTheme.matches ? 'dark' : 'light');
  setTheme(wanted());
  systemTheme.addEventListener('change', () => setTheme(wanted()));
}
function switchTheme() {
  const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try { localStorage.setItem('cleave-theme', theme); } catch { /* Nothing is remembered then. */ }
  setTheme(theme);
}
