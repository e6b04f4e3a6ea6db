// The state of the page is its address (what stands behind #), so that every view can be shared.
const DEFAULTS = { view: 'overview', q: '', only: '', tag: '', shard: '', sort: 'worst', test: null };
let state = { ...DEFAULTS };

// Tests of one name are told apart by their place among them.
function placeAmongSame(row) {
  const name = fullName(row);
  let place = 1;
  for (let i = 0; i < row; ++i) if (tests.name[i] === tests.name[row] && fullName(i) === name) ++place;
  return place;
}
function rowNamed(name, place) {
  for (let i = 0; i < tests.count; ++i) if (name.endsWith(tests.name[i]) && fullName(i) === name && --place === 0) return i;
  return null;
}

function hashOf(to) {
  const query = new URLSearchParams();
  for (const key of Object.keys(DEFAULTS)) if (key !== 'test' && to[key] !== DEFAULTS[key]) query.set(key, to[key]);
  if (to.test !== null) {
    query.set('test', fullName(to.test));
    const place = placeAmongSame(to.test);
    if (place > 1) query.set('nth', place);
  }
  return '#' + query;
}
function readHash() {
  const query = new URLSearchParams(location.hash.slice(1));
  const read = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS)) if (key !== 'test' && query.has(key)) read[key] = query.get(key);
  if (!['overview', 'tests', 'timeline'].includes(read.view)) read.view = DEFAULTS.view;
  if (!['worst', 'slow', 'source', 'name'].includes(read.sort)) read.sort = DEFAULTS.sort;
  if (query.has('test')) read.test = rowNamed(query.get('test'), Number(query.get('nth') ?? 1));
  return read;
}

function go(changes, quietly = false) {
  if (changes.test !== undefined && changes.test !== null && state.test === null) before = document.activeElement;
  const old = state;
  state = { ...state, ...changes };
  history[quietly ? 'replaceState' : 'pushState'](null, '', hashOf(state));
  render(old);
}

function render(old) {
  const moved = old?.view !== state.view;
  for (const view of ['overview', 'tests', 'timeline']) {
    $(view).hidden = view !== state.view;
    $('tab-' + view).setAttribute('aria-selected', String(view === state.view));
    $('tab-' + view).tabIndex = view === state.view ? 0 : -1;
  }
  for (const chip of $('chips').children) chip.setAttribute('aria-pressed', String(state.only.includes(chip.dataset.letter)));
  renderDetail();
  const filtered = ['q', 'only', 'tag', 'shard', 'sort'].some((key) => old?.[key] !== state[key]);
  if (state.view === 'tests') {
    if (moved || filtered) renderList();
    else { chosen = state.test === null ? chosen : visible.indexOf(state.test); renderRows(); }
    if (filtered && !moved && scrollY > $('tests').offsetTop) scrollTo(0, $('tests').offsetTop);
  }
  if (state.view === 'timeline') renderTimeline();
}

function startHead() {
  const counts = {};
  for (const letter of tests.outcome) counts[letter] = (counts[letter] ?? 0) + 1;
  for (let row = 0; row < tests.count; ++row) {
    const flags = flagsOf(row);
    if (flags === 0) continue;
    if (flags & FLAKY) counts.y = (counts.y ?? 0) + 1;
    if (flags & CACHED) counts.h = (counts.h ?? 0) + 1;
    if (flags & QUARANTINED) counts.q = (counts.q ?? 0) + 1;
  }
  const words = { y: 'flaky', h: 'cached', q: 'in quarantine' };
  $('headline').textContent = shown(run.headline);
  const when = new Date(run.start).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  $('where').replaceChildren(el('b', null, shown(run.target)), ' in ' + duration(run.wall) + ' over ' + plural(run.shards, 'shard') + ' · ' + when);
  const parts = [...'fctnpsd'].filter((letter) => counts[letter]);
  $('bar').replaceChildren(...parts.map((letter) => el('i', { class: letter, style: 'flex:' + counts[letter] })));
  $('bar').setAttribute('aria-label', parts.map((letter) => counts[letter] + ' ' + OUTCOMES[letter].word).join(', '));
  $('chips').replaceChildren(...[...'fctnyqpsdh'].filter((letter) => counts[letter]).map((letter) => el('button', {
    class: 'chip ' + letter, type: 'button', 'data-letter': letter, 'aria-pressed': 'false',
    onclick: () => go({ view: 'tests', test: null, only: state.only.includes(letter) ? state.only.replace(letter, '') : state.only + letter }, state.view === 'tests'),
  }, el('b', null, grouped(counts[letter])), words[letter] ?? OUTCOMES[letter].word)));
  $('tab-tests').append(el('small', null, grouped(tests.count)));
}

const KEYS = [['/', 'Search'], ['j  k', 'Next and previous test'], ['Enter', 'Open the test'], ['Esc', 'Close, or clear the search'],
  ['1  2  3', 'Overview, tests, timeline'], ['+  −  0', 'Zoom the timeline'], ['t', 'Light or dark'], ['?', 'This list']];
function showKeys() {
  $('keys').replaceChildren(el('h2', null, 'Keys'), el('dl', null, KEYS.map(([key, what]) => [el('dt', null, key.split('  ').map((k) => [el('kbd', null, k), ' ']).flat()), el('dd', null, what)]).flat()),
    el('button', { class: 'quiet', type: 'button', onclick: () => $('keys').close() }, 'Close'));
  $('keys').showModal();
}

// On the overview j and k go from link to link, on the list from row to row.
function step(by) {
  if (state.view === 'timeline') return;
  if (state.view === 'tests') { choose(chosen + by); return; }
  const links = [...$('overview').querySelectorAll('a')];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + by))]?.focus();
}

function onEscape() {
  if (state.test !== null) closeDetail();
  else if (state.q) go({ q: '' }, true);
  else document.activeElement?.blur();
}

function onKey(event) {
  if ($('keys').open || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches('input, select, textarea');
  if (event.key === 'Escape') { onEscape(); return; }
  if (event.target.id === 'search' && (event.key === 'Enter' || event.key === 'ArrowDown')) {
    event.preventDefault();
    $('list').focus({ preventScroll: true });
    if (chosen < 0) choose(0);
    return;
  }
  if (typing) return;
  const onList = event.target.id === 'list' || event.target === document.body;
  const open = () => {
    if (state.view !== 'tests' || chosen < 0 || !onList) return false;
    if (state.test === null) go({ test: visible[chosen] });
    $('detail').focus();
    return true;
  };
  const act = {
    '/': () => { if (state.view !== 'tests') go({ view: 'tests' }); $('search').focus(); $('search').select(); },
    j: () => step(1), k: () => step(-1), t: switchTheme, '?': showKeys,
    1: () => go({ view: 'overview' }), 2: () => go({ view: 'tests' }), 3: () => go({ view: 'timeline' }),
    ...(event.target.id === 'list' ? { ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => choose(0), End: () => choose(visible.length - 1), PageDown: () => choose(chosen + 12), PageUp: () => choose(chosen - 12) } : {}),
    Enter: open,
  }[event.key];
  if (act && act() !== false) event.preventDefault();
}

function startTabs() {
  const views = ['overview', 'tests', 'timeline'];
  views.forEach((view, i) => {
    $('tab-' + view).addEventListener('click', () => go({ view }));
    $('tab-' + view).addEventListener('keydown', (e) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!by) return;
      const next = views[(i + by + views.length) % views.length];
      go({ view: next });
      $('tab-' + next).focus();
    });
  });
}

startTheme();
startHead();
startTabs();
startList();
startTimeline();
state = readHash();
renderOverview();
$('app').hidden = false;
render(null);
$('theme').addEventListener('click', switchTheme);
$('help').addEventListener('click', showKeys);
addEventListener('keydown', onKey);
// Both for the buttons of the browser and for an address that was changed or clicked.
addEventListener('popstate', () => { const old = state; state = readHash(); if (state.test !== null && old.test === null) before = document.activeElement; render(old); });
// Tells that the page can be used: tests and measurements wait for it.
document.documentElement.dataset.ready = String(Math.round(performance.now()));
