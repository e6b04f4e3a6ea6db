// The first part: what is red, what is flaky, what is slow, and how well the shards were used.
const MOST_FAILURES = 40, MOST_FLAKY = 20, MOST_SLOW = 12;

const testLink = (row, kind, ...content) => el('a', { class: kind, href: hashOf({ ...state, test: row }) }, ...content);

function problemCard(problem) {
  const output = problem.output.head + (problem.output.tail ? '\n…\n' + problem.output.tail : '');
  const text = [problem.text, output].filter(Boolean).join('\n');
  return el('div', { class: 'card' }, el('div', { class: 'failure ' + (problem.warning ? 'y' : 'f') },
    el('div', { class: 'line' }, el('span', { class: 'name' }, shown(problem.title)), el('span', { class: 'meta' }, problem.shard)),
    text.trim() ? el('pre', null, shown(text.trim())) : null));
}

function failureCard(row) {
  const detail = detailOf(row);
  const message = detail ? firstMessage(detail) : { place: '', text: '' };
  const tries = firstAttempt[row + 1] - firstAttempt[row];
  const meta = [shardOf(row), tries > 1 ? tries + ' attempts' : '', tries > 0 ? duration(timeOf(row)) : ''].filter(Boolean);
  return el('div', { class: 'card' }, testLink(row, 'failure ' + outcomeOf(row),
    el('div', { class: 'line' }, nameElement(row), badge(outcomeOf(row)), meta.length ? el('span', { class: 'meta' }, meta.join(' · ')) : null),
    el('div', { class: 'place' }, shown(message.place || placeOf(row))),
    message.text ? el('pre', null, shown(message.text)) : null,
    message.more ? el('div', { class: 'place' }, 'and ' + plural(message.more, 'more failure')) : null));
}

function moreButton(text, changes) {
  return el('p', { class: 'more' }, el('button', { class: 'link', type: 'button', onclick: () => go({ view: 'tests', ...changes }) }, text));
}

function slowest() {
  const order = orderOf('slow');
  return Array.from(order.subarray(0, MOST_SLOW)).filter((row) => timeOf(row) > 0);
}

function balanceCard() {
  const { busy, lanes, took, predicted, least, why, advice } = data.bound;
  if (busy === 0) return null;
  const starts = data.costs.reduce((sum, cost) => sum + cost.time, 0);
  return section('Balance', null, el('div', { class: 'card' }, facts([
    ['Took', duration(least > 0 ? took : run.wall)],
    ['Predicted', predicted > 0 ? duration(predicted) : ''],
    ['At best', least > 0 ? duration(least) : ''],
    ['Tests, one by one', duration(busy)],
    ['Starts and set-ups', starts > 0 ? duration(starts) : ''],
    ['Speed-up', least > 0 ? '× ' + (took > 0 ? (busy / took).toFixed(1) : '–') : ''],
    ['Shards at work', least > 0 ? percent(busy, took * lanes) : ''],
  ]), el('p', { class: 'remark' }, least > 0
    ? 'No schedule over ' + plural(lanes, 'shard') + ' ends before ' + duration(least) + ': ' + shown(why) + '.'
    : 'How short it could be is not known: crashes, time-outs and retries took time of their own, or the run was cut short.'),
    advice ? el('p', { class: 'remark' }, 'Faster: ' + shown(advice) + '.') : null));
}

function runCard() {
  return section('Run', null, el('div', { class: 'card' }, facts([
    ['Binary', shown(run.binary), 'mono'],
    ['Framework', { gtest: 'GoogleTest', catch2: 'Catch2' }[run.framework] + ' ' + run.version],
    ['Host', shown(run.host)],
    ['Started', new Date(run.start).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })],
    ['Seed', run.seed ? String(run.seed) : ''],
    ['Repetitions', run.repeat !== 1 ? String(run.repeat) : ''],
    ['Exit status', String(run.exit)],
    ['Run', shown(run.id), 'mono'],
    ...pairs(run.properties).map(([key, value]) => [shown(key), shown(value), 'mono']),
  ])));
}

function costlySuites() {
  const sums = new Map();
  for (const cost of data.costs) {
    if (!cost.suite) continue;
    const sum = sums.get(cost.suite) ?? { time: 0, times: 0 };
    sums.set(cost.suite, { time: sum.time + cost.time, times: sum.times + 1 });
  }
  return [...sums].filter(([, sum]) => sum.time >= 1000).sort((a, b) => b[1].time - a[1].time).slice(0, 6);
}

function renderOverview() {
  const left = [], right = [balanceCard(), runCard()];
  const red = [];
  const flaky = [];
  for (const row of orderOf('worst')) {
    if (isRed(row)) red.push(row);
    else if (isFlaky(row)) flaky.push(row);
    else break;
  }
  const problems = data.problems.filter((p) => !p.warning), warnings = data.problems.filter((p) => p.warning);
  if (problems.length) left.push(section('Problems of the run', grouped(problems.length), problems.map(problemCard)));
  if (red.length) {
    left.push(section('Failures', grouped(red.length), red.slice(0, MOST_FAILURES).map(failureCard),
      red.length > MOST_FAILURES ? moreButton('Show all ' + grouped(red.length), { only: RED, sort: 'worst' }) : null));
  }
  if (flaky.length) {
    left.push(section('Flaky', grouped(flaky.length), el('div', { class: 'rows' }, flaky.slice(0, MOST_FLAKY).map((row) =>
      testLink(row, null, nameElement(row), el('span', { class: 'meta' }, plural(firstAttempt[row + 1] - firstAttempt[row], 'attempt')),
        el('p', null, shown(detailOf(row)?.cause || 'It failed, and then it passed.'))))),
      flaky.length > MOST_FLAKY ? moreButton('Show all ' + grouped(flaky.length), { only: 'y' }) : null));
  }
  if (warnings.length) left.push(section('Warnings', grouped(warnings.length), warnings.map(problemCard)));
  const slow = slowest();
  if (slow.length) {
    const most = timeOf(slow[0]);
    left.push(section('Slowest', null, el('div', { class: 'rows' }, slow.map((row) => testLink(row, null, nameElement(row),
      el('span', { class: 'meta' }, duration(timeOf(row))),
      el('div', { class: 'meter' }, el('i', { style: 'width:' + (100 * timeOf(row)) / most + '%' }))))),
      tests.count > MOST_SLOW ? moreButton('All tests by duration', { sort: 'slow', only: '' }) : null));
  }
  const suites = costlySuites();
  if (suites.length) {
    right.push(section('Costly set-ups', null, el('div', { class: 'card' },
      facts(suites.map(([suite, sum]) => [shown(suite), duration(sum.time) + (sum.times > 1 ? ' in ' + sum.times : '')])))));
  }
  if (data.notes.length) right.push(section('Notes', null, el('ul', { class: 'notes' }, data.notes.map((note) => el('li', null, shown(note))))));
  if (left.length === 0) left.push(el('p', { class: 'nothing' }, 'Nothing ran.'));
  $('overview').replaceChildren(el('div', { class: 'column' }, left), el('div', { class: 'column' }, right.filter(Boolean)));
}
