// The list of tests: filters over 100,000 rows, of which only those in sight are elements.
const orders = {};
let visible = new Int32Array(0);  // Rows that the filters leave, in order.
let chosen = -1;                  // The place in `visible` that the keyboard is at.

// All rows in one of the orders; made once each.
function orderOf(sort) {
  if (orders[sort]) return orders[sort];
  const order = Int32Array.from({ length: tests.count }, (_, i) => i);
  if (sort === 'slow') order.sort((a, b) => timeOf(b) - timeOf(a) || a - b);
  if (sort === 'name') order.sort((a, b) => (haystackOf(a) < haystackOf(b) ? -1 : haystackOf(a) > haystackOf(b) ? 1 : a - b));
  if (sort === 'worst') {
    const rank = Uint8Array.from({ length: tests.count }, (_, i) => (isFlaky(i) ? 2 : OUTCOMES[outcomeOf(i)].rank));
    order.sort((a, b) => rank[a] - rank[b] || a - b);
  }
  orders[sort] = order;
  return order;
}

// One letter for each thing that a row may be filtered by: its outcome, y flaky, h cached, q in quarantine.
function isOneOf(row, only) {
  if (only.includes(outcomeOf(row))) return true;
  const flags = flagsOf(row);
  return (only.includes('y') && (flags & FLAKY) !== 0) || (only.includes('h') && (flags & CACHED) !== 0) ||
    (only.includes('q') && (flags & QUARANTINED) !== 0);
}

function ranOn(row, shard) {
  for (let i = firstAttempt[row]; i < firstAttempt[row + 1]; ++i) if (attemptShard(i) === shard) return true;
  return false;
}
function hasTag(row, tag) {
  for (let i = firstTag[row]; i < firstTag[row + 1]; ++i) if (tagAt(i) === tag) return true;
  return false;
}

function filterRows() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const tag = state.tag ? data.tags.indexOf(state.tag) : -1;
  const shard = state.shard ? data.shards.indexOf(state.shard) : -1;
  const order = orderOf(state.sort);
  const rows = new Int32Array(order.length);
  let count = 0;
  for (const row of order) {
    if (state.only && !isOneOf(row, state.only)) continue;
    if (state.tag && !hasTag(row, tag)) continue;
    if (state.shard && !ranOn(row, shard)) continue;
    if (words.length && !words.every((word) => haystackOf(row).includes(word))) continue;
    rows[count++] = row;
  }
  visible = rows.subarray(0, count);
  chosen = state.test === null ? -1 : visible.indexOf(state.test);
}

const rowHeight = () => (innerWidth <= 640 ? 58 : 40);

function rowElement(at) {
  const row = visible[at];
  const tries = firstAttempt[row + 1] - firstAttempt[row];
  const flags = flagsOf(row);
  return el('div', {
    class: 'row', id: 'row-' + at, role: 'option', 'aria-selected': String(at === chosen), 'aria-posinset': at + 1,
    'aria-setsize': visible.length, style: 'top:' + at * rowHeight() + 'px', 'data-at': at,
  }, badge(outcomeOf(row)), nameElement(row),
  el('span', { class: 'extra' },
    flags & FLAKY ? el('span', { class: 'badge y' }, 'flaky') : null,
    flags & QUARANTINED ? el('span', { class: 'badge q' }, 'quarantine') : null,
    flags & CACHED ? el('span', { class: 'badge h' }, 'cached') : null,
    tries > 1 && !(flags & FLAKY) ? el('span', { class: 'tag' }, '× ' + tries) : null,
    tagsOf(row).slice(0, 3).map((tag) => el('span', { class: 'tag' }, shown(tag)))),
  el('span', { class: 'meta' }, shown(shardOf(row))),
  el('span', { class: 'time' }, tries > 0 ? duration(timeOf(row)) : ''));
}

function renderRows() {
  if (state.view !== 'tests') return;
  const height = rowHeight();
  const top = $('list').getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(-top / height) - 8);
  const last = Math.min(visible.length, Math.ceil((innerHeight - top) / height) + 8);
  const rows = [];
  for (let at = first; at < last; ++at) rows.push(rowElement(at));
  $('list').style.height = visible.length * height + 'px';
  $('list').replaceChildren(...rows);
  if (chosen >= first && chosen < last) $('list').setAttribute('aria-activedescendant', 'row-' + chosen);
  else $('list').removeAttribute('aria-activedescendant');
}

function renderList() {
  filterRows();
  $('search').value = state.q;
  for (const name of ['tag', 'shard', 'sort']) $(name).value = state[name];
  $('count').textContent = visible.length === tests.count ? plural(tests.count, 'test') : grouped(visible.length) + ' of ' + plural(tests.count, 'test');
  $('nothing').hidden = visible.length > 0;
  renderRows();
}

// Scrolls as little as it takes to see the row, below the filters that stick to the top.
function reveal(at) {
  const height = rowHeight();
  const top = $('list').getBoundingClientRect().top + at * height;
  const edge = document.querySelector('.filters').offsetHeight;
  if (top < edge) scrollBy(0, top - edge);
  else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
}

function choose(at) {
  if (visible.length === 0) return;
  chosen = Math.max(0, Math.min(visible.length - 1, at));
  reveal(chosen);
  renderRows();
  if (state.test !== null) go({ test: visible[chosen] }, true);
}

function fillPicks() {
  const options = (all, values) => [el('option', { value: '' }, all), ...values.map((v) => el('option', { value: v }, shown(v)))];
  $('tag').replaceChildren(...options('Any tag', [...data.tags].sort()));
  $('shard').replaceChildren(...options('Any shard', data.lanes.filter((lane) => data.shards.includes(lane))));
  $('tag').parentElement.hidden = data.tags.length === 0;
  $('shard').parentElement.hidden = data.lanes.length < 2;
}

function startList() {
  fillPicks();
  $('search').addEventListener('input', (e) => go({ q: e.target.value, test: null }, true));
  for (const name of ['tag', 'shard', 'sort']) $(name).addEventListener('change', (e) => go({ [name]: e.target.value, test: null }, true));
  $('clear').addEventListener('click', () => go({ q: '', only: '', tag: '', shard: '' }));
  $('list').addEventListener('click', (e) => {
    const row = e.target.closest('.row');
    if (!row) return;
    chosen = Number(row.dataset.at);
    go({ test: visible[chosen] });
  });
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; renderRows(); });
  };
  addEventListener('scroll', later, { passive: true });
  addEventListener('resize', later);
}
