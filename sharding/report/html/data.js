// What the page knows of the run: the two blocks that html_data.cpp writes, as functions of a row's number.
const OUTCOMES = {
  f: { word: 'failed', rank: 0 }, c: { word: 'crashed', rank: 0 }, t: { word: 'timed out', rank: 0 },
  n: { word: 'not run', rank: 1 }, s: { word: 'skipped', rank: 3 }, d: { word: 'disabled', rank: 5 },
  p: { word: 'passed', rank: 4 },
};
const RED = 'fctn';
const FLAKY = 1, CACHED = 2, QUARANTINED = 4;

const data = JSON.parse(document.getElementById('columns').textContent);
const { run, tests, attempts } = data;

// A column of one value is that value; undefined stands for no rows.
const column = (values) => (Array.isArray(values) ? (i) => values[i] : () => values);
const suiteOf = column(tests.suite), fileOf = column(tests.file), lineOf = column(tests.line);
const flagsOf = column(tests.flags), timeOf = column(tests.time), hasDetail = column(tests.detail);
const attemptShard = column(attempts.shard), attemptStart = column(attempts.start);
const attemptTime = column(attempts.time), attemptWorker = column(attempts.worker);

// first[i] is where the things of row i begin, first[count] where those of the last one end.
function firsts(count, size) {
  const first = new Int32Array(count + 1);
  for (let i = 0; i < count; ++i) first[i + 1] = first[i] + size(i);
  return first;
}
const firstAttempt = firsts(tests.count, column(tests.tries));
const firstTag = firsts(tests.count, column(tests.tagCount));
const firstDetail = firsts(tests.count, hasDetail);
const tagAt = column(tests.tag);

const outcomeOf = (row) => tests.outcome[row];
const suiteName = (row) => data.suites[suiteOf(row)];
const showsSuite = (row) => run.framework === 'gtest' && suiteName(row) !== '';
const fullName = (row) => (showsSuite(row) ? suiteName(row) + '.' : '') + tests.name[row];
const isFlaky = (row) => (flagsOf(row) & FLAKY) !== 0;
const isRed = (row) => RED.includes(outcomeOf(row));
const placeOf = (row) => {
  const file = data.files[fileOf(row)];
  return file && lineOf(row) > 0 ? file + ':' + lineOf(row) : file;
};
function tagsOf(row) {
  const tags = [];
  for (let i = firstTag[row]; i < firstTag[row + 1]; ++i) tags.push(data.tags[tagAt(i)]);
  return tags;
}
// The shard of the last attempt: where to look first.
const shardOf = (row) => (firstAttempt[row] === firstAttempt[row + 1] ? '' : data.shards[attemptShard(firstAttempt[row + 1] - 1)]);

let detailLines = null;
function detailOf(row) {
  if (!hasDetail(row)) return null;
  detailLines ??= document.getElementById('details').textContent.split('\n');
  return JSON.parse(detailLines[firstDetail[row]]);
}
const againOf = (row, detail) =>
  detail ? detail.again : run.again + (run.framework === 'gtest' ? " --gtest_filter='" : " '") + fullName(row) + "'";

// The first failure of the last red attempt, for lists.
function firstMessage(detail) {
  const red = detail.attempts.filter((a) => a.messages.length > 0 || a.reason);
  const last = red[red.length - 1];
  if (!last) return { place: '', text: '' };
  const failures = last.messages.filter((m) => m.kind <= 1);
  const message = failures[0] ?? last.messages[0];
  const texts = [message?.text, last.reason].filter(Boolean);
  return { place: message?.place ?? '', text: texts.join('\n'), more: Math.max(0, failures.length - 1) };
}

// What a search looks through, made when first asked for.
let haystacks = null;
const haystackOf = (row) => {
  haystacks ??= Array.from({ length: tests.count }, (_, i) => (fullName(i) + '\n' + data.files[fileOf(i)]).toLowerCase());
  return haystacks[row];
};

// "<1 ms", "35 ms", "1.24 s", "2 m 03 s": as on the terminal.
function duration(micros) {
  if (micros <= 0) return '0 ms';
  if (micros < 500) return '<1 ms';
  const ms = Math.round(micros / 1000);
  if (ms < 1000) return ms + ' ms';
  if (micros < 59995000) return (micros / 1e6).toFixed(2) + ' s';
  const s = Math.round(micros / 1e6);
  if (s < 3600) return Math.floor(s / 60) + ' m ' + String(s % 60).padStart(2, '0') + ' s';
  return Math.floor(s / 3600) + ' h ' + String(Math.floor(s / 60) % 60).padStart(2, '0') + ' m';
}
const grouped = new Intl.NumberFormat('en').format;
const percent = (part, whole) => (whole > 0 ? Math.round((100 * part) / whole) + ' %' : '–');
const plural = (n, word) => grouped(n) + ' ' + word + (n === 1 ? '' : 's');
