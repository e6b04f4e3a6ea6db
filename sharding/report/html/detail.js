// All that is known of one test, in a sheet at the side that has an address of its own.
function outputElement(output) {
  if (output.total === 0) return null;
  const bytes = (text) => new TextEncoder().encode(text).length;
  const left = output.total - bytes(output.head) - bytes(output.tail);
  if (!output.head && !output.tail) {
    return el('div', null, el('h3', null, 'Output'), el('p', { class: 'place' }, grouped(output.total) + ' bytes, which stand in report.json'));
  }
  const cut = output.tail ? el('span', { class: 'cut' }, grouped(Math.max(left, 1)) + ' bytes left out') : null;
  return el('div', null, el('h3', null, 'Output'), el('pre', { tabindex: 0 }, shown(output.head), cut, shown(output.tail)));
}

const KINDS = ['f', 'f', 's', 's'];  // What was said, in the colours of outcomes.

function attemptElement(row, at, told, open) {
  const index = firstAttempt[row] + at;
  const letter = attempts.outcome[index];
  const many = firstAttempt[row + 1] - firstAttempt[row] > 1;
  const summary = el('summary', null, many ? el('b', null, 'Attempt ' + (told?.number ?? at + 1)) : null, badge(letter),
    el('span', { class: 'meta' }, [
      told?.repetition ? 'repetition ' + (told.repetition + 1) : '', letter === 'n' ? '' : duration(attemptTime(index)),
      shown(data.shards[attemptShard(index)]), attemptWorker(index) ? 'process ' + attemptWorker(index) : '', told?.rung ?? '',
      told?.cached ? 'taken over from an earlier run' : '',
    ].filter(Boolean).join(' · ')));
  const body = told ? [
    told.messages.map((m) => el('div', { class: 'message ' + KINDS[m.kind] }, m.place ? el('div', { class: 'place' }, shown(m.place)) : null,
      el('pre', { tabindex: 0 }, shown(m.text)))),
    told.reason ? el('p', { class: 'message ' + letter }, shown(told.reason)) : null,
    told.stacks ? el('div', null, el('h3', null, 'Stacks'), el('pre', { tabindex: 0 }, shown(told.stacks))) : null,
    outputElement(told.output),
    told.properties.length ? el('div', null, el('h3', null, 'Properties'), facts(pairs(told.properties).map(([k, v]) => [shown(k), shown(v), 'mono']))) : null,
    told.files ? el('div', null, el('h3', null, 'Kept files'), el('code', null, shown(told.files))) : null,
  ].flat().filter(Boolean) : [];
  if (body.length === 0) body.push(el('p', { class: 'place' }, 'It said nothing.'));
  return el('details', { class: 'attempt', open }, summary, el('div', { class: 'told' }, body));
}

function renderDetail() {
  const sheet = $('detail');
  const row = state.test;
  document.body.classList.toggle('beside', row !== null);
  sheet.hidden = row === null;
  if (row === null) return;
  const detail = detailOf(row);
  const count = firstAttempt[row + 1] - firstAttempt[row];
  const elements = [];
  for (let at = 0; at < count; ++at) elements.push(attemptElement(row, at, detail?.attempts[at], at === count - 1 || RED.includes(attempts.outcome[firstAttempt[row] + at])));
  const again = againOf(row, detail);
  sheet.replaceChildren(
    el('header', null, badge(outcomeOf(row)), isFlaky(row) ? el('b', { class: 'badge y' }, 'flaky') : null, el('span', { class: 'gap' }),
      copyButton(() => location.href, 'Copy link'),
      el('button', { class: 'icon', type: 'button', 'aria-label': 'Close', title: 'Close (Esc)', onclick: closeDetail }, '✕')),
    el('div', { class: 'body' },
      el('div', null, el('h2', null, shown(fullName(row)) || '(no name)'), el('div', { class: 'place' }, shown(placeOf(row)))),
      detail?.cause ? el('p', { class: 'message y' }, 'Flaky: ' + shown(detail.cause)) : null,
      detail?.quarantine ? el('p', { class: 'message q' }, 'In quarantine ' + shown(detail.quarantine)) : null,
      el('div', null, el('h3', null, 'Run it alone'), el('div', { class: 'again' }, el('code', { id: 'again' }, shown(again)), copyButton(() => again, 'Copy'))),
      count === 0 ? el('p', { class: 'place' }, outcomeOf(row) === 'd' ? 'It is disabled.' : 'Nothing is known of it.') : el('div', null, elements),
      facts([
        ['Suite', shown(suiteName(row))], ['Tags', tagsOf(row).map(shown).join(', ')],
        ['Type', shown(detail?.typeParam ?? '')], ['Value', shown(detail?.valueParam ?? '')],
      ])));
  sheet.setAttribute('aria-label', 'Test ' + shown(fullName(row)));
  sheet.scrollTop = 0;
}

let before = null;  // What had the focus when the sheet was opened.
function closeDetail() {
  go({ test: null }, true);
  const target = before?.isConnected && before !== document.body ? before : state.view === 'tests' ? $('list') : $('tab-' + state.view);
  target.focus({ preventScroll: true });
}
