// The timeline: a canvas with a lane for each shard. Zoomed by wheel with Ctrl, by buttons and keys; dragged sideways.
const AXIS = 26;
const span = { from: 0, to: 1 };  // What is in sight, in microseconds.
let hovered = null;

const gutter = () => (innerWidth <= 640 ? 58 : 84);
const laneHeight = () => Math.max(7, Math.min(26, Math.floor(6000 / Math.max(1, allLanes().lanes.length))));
const stage = () => ({ left: gutter(), width: Math.max(10, $('canvas').clientWidth - gutter() - 12) });
const toX = (micros) => stage().left + ((micros - span.from) / (span.to - span.from)) * stage().width;
const toMicros = (x) => span.from + ((x - stage().left) / stage().width) * (span.to - span.from);

function look(from, to) {
  const end = allLanes().end;
  const width = Math.max(20, Math.min(end, to - from));
  span.from = Math.max(0, Math.min(end - width, from));
  span.to = span.from + width;
  drawTimeline();
}
function zoom(factor, at = (span.from + span.to) / 2) { look(at - (at - span.from) * factor, at + (span.to - at) * factor); }

// Steps of 1, 2 and 5 that leave about 90 pixels between two marks.
function axisStep(width) {
  const least = ((span.to - span.from) / width) * 90;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least);
}
function axisLabel(micros, step) {
  if (step < 1000) return (micros / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : 1) + ' ms';
  if (step < 1e6 && span.to < 1e6) return Math.round(micros / 1000) + ' ms';
  return (micros / 1e6).toFixed(step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : 3) + ' s';
}

function drawAxis(paint, colours, height) {
  const { left, width } = stage();
  const step = axisStep(width);
  paint.font = '11.5px ' + colours('--sans');
  paint.textAlign = 'center';
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) {
    const x = Math.round(toX(at)) + 0.5;
    paint.fillStyle = colours('--line');
    paint.fillRect(x, AXIS - 4, 1, height - AXIS);
    paint.fillStyle = colours('--faint');
    if (x > left + 14) paint.fillText(axisLabel(at, step), Math.min(x, left + width - 16), 13);
  }
}

const PAINT = { p: '--slice', f: '--failed', c: '--crashed', t: '--late', s: '--off', h: '--start' };

// Slices narrower than a pixel share one; a red one is never painted over by a green one.
function drawLane(paint, colours, lane, top, height) {
  const { left, width } = stage();
  paint.fillStyle = colours('--sunk');
  paint.fillRect(left, top, width, height);
  let low = 0, high = lane.slices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lane.slices[middle].start + lane.slices[middle].time < span.from) low = middle + 1; else high = middle;
  }
  let pixel = -1, worst = '';
  for (let i = low; i < lane.slices.length && lane.slices[i].start <= span.to; ++i) {
    const slice = lane.slices[i];
    const from = Math.max(left, toX(slice.start)), to = Math.min(left + width, toX(slice.start + slice.time));
    if (Math.floor(from) === pixel && to - from < 1 && (RED.includes(worst) || !RED.includes(slice.outcome))) continue;
    pixel = Math.floor(from);
    worst = slice.outcome;
    const flaky = slice.row !== NO_TEST && isFlaky(slice.row) && slice.outcome === 'p';
    paint.fillStyle = colours(flaky ? '--flaky' : PAINT[slice.outcome] ?? '--off');
    const wide = to - from > 3;
    paint.fillRect(from, top, Math.max(RED.includes(slice.outcome) ? 2 : 1, to - from - (wide ? 1 : 0)), height);
    if (allLanes().marked.has(slice) && height > 9) {
      paint.fillStyle = colours('--chain');
      paint.fillRect(from, top + height - 2.5, Math.max(1, to - from), 2.5);
    }
    if (to - from > 46 && height > 15 && slice.row !== NO_TEST) {
      paint.save();
      paint.beginPath();
      paint.rect(from, top, to - from - 6, height);
      paint.clip();
      paint.fillStyle = colours(slice.outcome === 'p' && !flaky ? '--ink' : '--card');
      paint.textAlign = 'left';
      paint.fillText(shown(tests.name[slice.row]), from + 6, top + height / 2 + 3.5);
      paint.restore();
    }
  }
}

function drawTimeline() {
  if (state.view !== 'timeline') return;
  const canvas = $('canvas');
  const { lanes } = allLanes();
  const step = laneHeight();
  const height = AXIS + lanes.length * step + 6;
  const scale = Math.min(devicePixelRatio || 1, height > 3000 ? 1 : 3);
  canvas.style.height = height + 'px';
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(height * scale);
  const paint = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  const known = {};
  const colours = (name) => (known[name] ??= style.getPropertyValue(name).trim());
  paint.scale(scale, scale);
  drawAxis(paint, colours, height);
  lanes.forEach((lane, i) => {
    const top = AXIS + i * step;
    if (step >= 11 || i % Math.ceil(11 / step) === 0) {
      paint.fillStyle = colours('--soft');
      paint.textAlign = 'right';
      paint.fillText(shown(lane.name), gutter() - 10, top + step / 2 + 3.5);
    }
    drawLane(paint, colours, lane, top + 1, Math.max(5, step - (step > 12 ? 5 : 2)));
  });
  canvas.setAttribute('aria-label', 'Timeline of ' + plural(lanes.length, 'lane') + ' from ' + duration(span.from) + ' to ' + duration(span.to) +
    '. The table below has the sums. Plus and minus zoom, the arrow keys move.');
}

function sliceAt(x, y) {
  const lane = allLanes().lanes[Math.floor((y - AXIS) / laneHeight())];
  if (!lane || x < gutter()) return null;
  const slack = (3 * (span.to - span.from)) / stage().width, at = toMicros(x);
  let best = null, distance = slack;
  for (const slice of lane.slices) {
    const away = Math.max(0, slice.start - at, at - slice.start - slice.time);
    if (away < distance || (away === 0 && distance > 0)) { best = { lane, slice }; distance = away; }
    if (slice.start > at + slack) break;
  }
  return best;
}

function showTip(hit, x, y) {
  $('tip').hidden = !hit;
  if (!hit) return;
  const { lane, slice } = hit;
  const name = slice.row === NO_TEST ? 'Start of a process' : shown(fullName(slice.row));
  $('tip').replaceChildren(el('span', { class: 'mono' }, name),
    [slice.row === NO_TEST ? '' : OUTCOMES[slice.outcome].word, duration(slice.time), shown(lane.name), 'from ' + duration(slice.start)].filter(Boolean).join(' · '));
  const box = $('tip').getBoundingClientRect();
  $('tip').style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + 'px';
  $('tip').style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + 'px';
}

function startTimeline() {
  const canvas = $('canvas');
  let drag = null;
  canvas.addEventListener('pointerdown', (e) => { drag = { x: e.offsetX, from: span.from, to: span.to, moved: false }; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener('pointermove', (e) => {
    if (drag && Math.abs(e.offsetX - drag.x) > 3) drag.moved = true;
    if (drag?.moved) {
      const by = ((drag.x - e.offsetX) / stage().width) * (drag.to - drag.from);
      look(drag.from + by, drag.to + by);
    }
    hovered = sliceAt(e.offsetX, e.offsetY);
    showTip(drag?.moved ? null : hovered, e.clientX, e.clientY);
  });
  canvas.addEventListener('pointerup', () => {
    if (drag && !drag.moved && hovered && hovered.slice.row !== NO_TEST) { showTip(null); go({ test: hovered.slice.row }); }
    drag = null;
  });
  canvas.addEventListener('pointerleave', () => showTip(null));
  canvas.addEventListener('wheel', (e) => {
    if (!e.ctrlKey && !e.metaKey) return;
    e.preventDefault();
    zoom(e.deltaY > 0 ? 1.25 : 0.8, toMicros(e.offsetX));
  }, { passive: false });
  canvas.addEventListener('dblclick', (e) => zoom(0.4, toMicros(e.offsetX)));
  canvas.addEventListener('keydown', (e) => {
    const width = span.to - span.from;
    const act = { '+': () => zoom(0.7), '=': () => zoom(0.7), '-': () => zoom(1.4), 0: () => look(0, allLanes().end),
      ArrowLeft: () => look(span.from - width / 5, span.to - width / 5), ArrowRight: () => look(span.from + width / 5, span.to + width / 5) }[e.key];
    if (!act || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    act();
  });
  $('zoom-in').addEventListener('click', () => zoom(0.6));
  $('zoom-out').addEventListener('click', () => zoom(1.6));
  $('zoom-fit').addEventListener('click', () => look(0, allLanes().end));
  addEventListener('resize', drawTimeline);
  document.addEventListener('themechange', drawTimeline);
}

let timelineShown = false;
function renderTimeline() {
  if (state.view !== 'timeline') return;
  if (timelineShown) { drawTimeline(); return; }
  timelineShown = true;
  const all = allLanes();
  $('chain').textContent = chainText(all);
  const words = [['p', 'passed'], ['f', 'failed'], ['c', 'crashed'], ['t', 'timed out'], ['y', 'passed when tried again'], ['s', 'skipped'], ['h', 'start of a process']];
  $('legend').replaceChildren(...words.filter(([letter]) => 'ph'.includes(letter) || (letter === 'y' ? orderOf('worst').some(isFlaky) : attempts.outcome.includes(letter)))
    .map(([letter, word]) => el('span', { class: letter, style: letter === 'h' ? '--c:var(--start)' : null }, word)), el('span', { style: '--c:var(--sunk)' }, 'idle'));
  $('lane-table').replaceChildren(section('Lanes', null, laneTable(all)));
  look(0, all.end);
}
