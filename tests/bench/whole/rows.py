"""Which commands are measured side by side for each workload, and what has to be true of each run."""

import dataclasses
import json
import os
import pathlib
import subprocess


@dataclasses.dataclass
class Workload:
    name: str
    framework: str
    tests: int
    suite_size: int
    sleep: int
    spin: int
    zipf: int
    set_up: int
    environment: int
    libraries: int
    library_time: int
    binaries: int

    @property
    def ordered(self):
        """The 30 tasks of tasks.json, most of which wait for others."""
        return self.name.startswith("tasks")

    @property
    def all_tests(self):
        return self.tests * self.binaries

    def bound(self, jobs):
        """What no schedule can beat, in seconds, where that is known from the workload alone."""
        if self.ordered:
            return 17 * self.sleep / 1e6  # The longest way through tasks.json.
        if self.zipf:
            times = [self.zipf // (i * 7 % self.tests + 1) / 1e6 for i in range(self.tests)]
            return max(sum(times) / jobs, max(times))
        if self.set_up:
            return -(-self.tests // self.suite_size) * self.set_up / 1e6 / jobs
        if self.spin:
            return self.tests * self.spin / 1e6 / min(jobs, 2)
        return None


@dataclasses.dataclass
class Row:
    workload: Workload
    jobs: int
    label: str
    command: list
    env: dict = dataclasses.field(default_factory=dict)
    reports: pathlib.Path = None  # The folder of Cleave's reports, whose numbers have to be right.
    cold: bool = False  # Nothing is known from earlier runs.
    once: bool = False  # Takes long: --quick leaves it out, and else it runs once.
    input: str = None

    def is_right(self):
        """Every test passed, by Cleave's own report."""
        if self.reports is None:
            return True
        pool = self.label.startswith("`cleave run`")
        reports = self.reports.glob("cleave/*/latest/report.json")
        passed = [json.loads(one.read_text())["totals"]["passed"] for one in reports if (one.parts[-3] == "run") == pool]
        return sum(passed) == self.workload.all_tests


def read_workloads(path):
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            name, framework, *numbers = line.split()
            yield Workload(name, framework, *map(int, numbers))


def a_process_a_test(workload, programs, jobs):
    """The command and its input: a line a test. Several programs cost it one more exec a test."""
    names = [f"Suite{i // workload.suite_size}.Test{i}" for i in range(workload.tests)]
    flag = "--gtest_filter=" if workload.framework == "gtest" else ""
    if len(programs) == 1:
        return ["xargs", "-n1", f"-P{jobs}", *programs], "".join(f"{flag}{name}\n" for name in names)
    return ["xargs", "-L1", f"-P{jobs}", "env"], "".join(f"{one} {flag}{name}\n" for one in programs for name in names)


def jobs_of(workload):
    if workload.zipf:
        return [2, 8, 16]
    if workload.ordered:
        return [9]
    return [8] if workload.set_up or workload.environment else [2]


def rows_of(workload, build, work):
    """All rows of one workload."""
    def programs(kind):
        folder = build / workload.name / kind
        return [str(folder / f"{workload.name}_{kind}_{i + 1}") for i in range(workload.binaries)]

    plain, sharded = programs("rivals"), programs("cleave")
    tool = str(build / "cleave" / "sharding" / "cli" / "cleave")
    gtest = workload.framework == "gtest"
    costly = workload.set_up or workload.environment or workload.libraries

    def in_turn(files):
        return files if len(files) == 1 else ["sh", "-c", "for p do \"$p\" || exit; done", "sh", *files]

    def cleave(jobs, label, command, cold=False):
        folder = work / f"{workload.name}-{jobs}-{len(rows)}"
        rows.append(Row(workload, jobs, label, command, {"CLEAVE_DIR": str(folder)}, folder, cold))

    rows = [Row(workload, 1, "plain binary", in_turn(plain)),
            Row(workload, 1, "plain binary, plugin in it", in_turn(sharded))]
    for jobs in jobs_of(workload):
        def ctest(kind, pattern):
            command = ["ctest", "--test-dir", str(build / workload.name / kind), f"-j{jobs}", "--no-tests=error"]
            return command + ["-R", pattern] if pattern else command

        if workload.ordered:  # The others keep to no order.
            cleave(jobs, "Cleave under `ctest`", ctest("cleave", None))
            cleave(jobs, "Cleave", [sharded[0], f"--cleave-jobs={jobs}"])
            continue
        if workload.framework != "catch2_v3":
            name = "gtest_discover_tests" if gtest else "catch_discover_tests"
            rows.append(Row(workload, jobs, f"`ctest`, `{name}`", ctest("rivals", "^each:"),
                            once=costly or workload.all_tests > 5000))
        if gtest:
            rows.append(Row(workload, jobs, "`ctest`, GTEST_TOTAL_SHARDS", ctest("rivals", f"^of{jobs}:")))
        elif workload.framework == "catch2_v3":
            rows.append(Row(workload, jobs, "`ctest`, --shard-count", ctest("rivals", f"^of{jobs}:")))
        if not costly:
            command, lines = a_process_a_test(workload, plain, jobs)
            rows.append(Row(workload, jobs, "a process a test, `xargs -P`", command, input=lines,
                            once=workload.all_tests > 5000))
        cleave(jobs, "Cleave under `ctest`", ctest("cleave", None))
        if workload.zipf:
            cleave(jobs, "Cleave under `ctest`, cold", ctest("cleave", None), cold=True)
        if workload.binaries == 1:
            own = [sharded[0], f"--cleave-jobs={jobs}"]
            cleave(jobs, "Cleave", own)
            if workload.zipf:
                cleave(jobs, "Cleave, cold", own, cold=True)
            if gtest:
                cleave(jobs, "Cleave, isolation `suite`", own + ["--cleave-isolation=suite"])
            if not workload.set_up and not workload.environment:
                cleave(jobs, "Cleave, isolation `test`", own + ["--cleave-isolation=test"])
        if not os.path.exists(tool):  # It needs CLI11 and nlohmann/json.
            continue
        cleave(jobs, "`cleave run`, plugin", [tool, "run", f"-j{jobs}", *sharded])
        if not costly:
            cleave(jobs, "`cleave run`, no plugin", [tool, "run", f"-j{jobs}", *plain])
    for row in rows:
        if row.label.startswith("`cleave run`"):
            row.command = row.command[:3] + [f"--dir={row.reports}"] + row.command[3:]
    return rows


def count_set_ups(row, log):
    """How often something was set up in one more run of the row."""
    log.unlink(missing_ok=True)
    env = {**environment(), **row.env, "BENCH_LOG": str(log)}
    subprocess.run(row.command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return log.stat().st_size if log.exists() else 0


def environment():
    """Of this process, without what would make a run another one."""
    prefixes = ("CLEAVE_", "GTEST_", "CTEST_", "MAKEFLAGS", "TEST_", "CI")
    return {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
