// What the shards did, for the timeline: slices by lane, sums, and the chain that ended last.
const NO_TEST = -1;

// One lane: columns of its slices, by start. A slice of no row is the start of a worker.
function makeLane(name, slices) {
  slices.sort((a, b) => a.start - b.start);
  let free = 0;
  for (const slice of slices) {
    const end = Math.max(slice.start + slice.time, free);
    slice.start = Math.max(slice.start, free);
    slice.time = end - slice.start;
    free = end;
  }
  const tested = slices.filter((s) => s.row !== NO_TEST);
  const sum = (list) => list.reduce((total, s) => total + s.time, 0);
  return { name, slices, end: free, tests: tested.length, busy: sum(tested), starting: sum(slices) - sum(tested) };
}

function makeLanes() {
  const byName = new Map(data.lanes.map((name) => [name, []]));
  for (let row = 0; row < tests.count; ++row) {
    for (let i = firstAttempt[row]; i < firstAttempt[row + 1]; ++i) {
      const lane = byName.get(data.shards[attemptShard(i)]);
      if (!lane || attemptStart(i) < 0 || 'nd'.includes(attempts.outcome[i])) continue;
      lane.push({ start: attemptStart(i), time: attemptTime(i), row, outcome: attempts.outcome[i] });
    }
  }
  for (const cost of data.costs) {
    if (!cost.suite) byName.get(cost.shard)?.push({ start: Math.max(0, cost.end - cost.time), time: cost.time, row: NO_TEST, outcome: 'h' });
  }
  return [...byName].map(([name, slices]) => makeLane(name, slices));
}

// Backwards from what ended last: before each slice comes the one of the same lane, unless the lane was idle then; after
// a pause comes whatever ended last before, since that may be what was waited for.
function chainOf(lanes) {
  const all = lanes.flatMap((lane) => lane.slices);
  if (all.length === 0) return [];
  const end = (s) => s.start + s.time;
  const byEnd = [...all].sort((a, b) => end(a) - end(b));
  const before = new Map();
  for (const lane of lanes) lane.slices.forEach((s, i) => before.set(s, lane.slices[i - 1]));
  const pause = Math.max(2000, run.wall / 500);
  const chain = [byEnd[byEnd.length - 1]];
  for (;;) {
    const slice = chain[chain.length - 1];
    const own = before.get(slice);
    if (own && slice.start - end(own) <= pause) { chain.push(own); continue; }
    let low = 0, high = byEnd.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (end(byEnd[middle]) <= slice.start) low = middle + 1; else high = middle;
    }
    let next = low - 1;
    while (next >= 0 && byEnd[next].start >= slice.start) --next;
    if (next < 0) break;
    chain.push(byEnd[next]);
  }
  return chain.reverse();
}

let laneCache = null;
function allLanes() {
  if (laneCache) return laneCache;
  const lanes = makeLanes();
  const chain = chainOf(lanes);
  laneCache = { lanes, chain, marked: new Set(chain), end: Math.max(run.wall, ...lanes.map((lane) => lane.end), 1) };
  return laneCache;
}

function chainText({ lanes, chain }) {
  if (chain.length === 0) return 'No test ran.';
  const last = chain[chain.length - 1];
  const lane = lanes.find((l) => l.slices.includes(last));
  const took = chain.reduce((sum, s) => sum + s.time, 0);
  const longest = chain.reduce((a, b) => (b.row !== NO_TEST && (a.row === NO_TEST || b.time > a.time) ? b : a));
  const waited = Math.max(0, last.start + last.time - took);
  const what = longest.row === NO_TEST ? '' : ' The longest of it is ' + shown(fullName(longest.row)) + ' (' + duration(longest.time) + ').';
  return 'The run ended with ' + shown(lane.name) + '. Underlined is the chain that ended last, each slice behind the one it followed: ' +
    duration(took) + ' at work, ' + duration(waited) + ' between.' + what;
}

function laneTable({ lanes, end }) {
  const row = (lane) => el('tr', null, el('td', null, shown(lane.name)), el('td', { class: 'number' }, grouped(lane.tests)),
    el('td', { class: 'number' }, duration(lane.busy)), el('td', { class: 'number' }, duration(lane.starting)),
    el('td', { class: 'number' }, duration(Math.max(0, end - lane.busy - lane.starting))),
    el('td', { class: 'wide' }, el('div', { class: 'meter' }, el('i', { style: 'width:' + (100 * lane.busy) / end + '%' }))),
    el('td', { class: 'number' }, percent(lane.busy, end)));
  const head = ['Lane', 'Tests', 'Tests took', 'Starts', 'Idle', '', 'At work'];
  return el('div', { class: 'scroll' }, el('table', null,
    el('thead', null, el('tr', null, head.map((text, i) => el('th', { class: i > 0 && i !== 5 ? 'number' : null, scope: 'col' }, text)))),
    el('tbody', null, lanes.map(row))));
}
