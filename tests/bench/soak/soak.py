#!/usr/bin/env python3
"""What large runs take of the machine: see ./dev soak. Exits with 1 when a limit is broken, and writes the table of
tests/bench/README.md.

usage: soak.py BUILD_FOLDER [--tests N] [--programs N]"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

README = pathlib.Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- soak: written by ./dev soak -->", "<!-- end of soak -->"
MEMORY = 100  # MB that a supervisor may take.
RATIO = 2  # Of the time a test of the largest run to that of a run of a tenth.
LOOK_AGAIN = 0.01


def children(pid):
    try:
        return [int(one) for one in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class Supervisor:
    """What a process was seen to have; its memory is the kernel's own high-water mark."""

    def __init__(self):
        self.memory, self.descriptors, self.first, self.last = 0.0, 0, None, 0

    def look(self, pid):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            return
        if "VmHWM:" in status:
            self.memory = max(self.memory, int(status.split("VmHWM:")[1].split()[0]) / 1024)
            self.last = descriptors
            self.descriptors = max(self.descriptors, descriptors)
            self.first = self.first or descriptors


def watch(command, environment, entries):
    """Runs the command; the supervisors are the process itself, or with `entries` what it starts."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    supervisors, most_processes, root = {}, 0, Supervisor()
    while process.poll() is None:
        root.look(process.pid)
        started = children(process.pid)
        for pid in started if entries else [process.pid]:
            supervisors.setdefault(pid, Supervisor()).look(pid)
        most_processes = max(most_processes, 1 + len(started) + sum(len(children(one)) for one in started))
        time.sleep(LOOK_AGAIN)
    return {"seconds": time.perf_counter() - start, "code": process.returncode, "processes": most_processes,
            "memory": max(one.memory for one in supervisors.values()),
            "descriptors": max(one.descriptors for one in supervisors.values()),
            "root": root}


def passed(folder):
    """How many tests the newest reports below say passed; the totals stand at the beginning of each."""
    count = 0
    for report in folder.glob("cleave/*/latest/report.json"):
        with report.open() as text:
            count += int(text.read(8192).split('"passed":')[1].split(",")[0])
    return count


def write_programs(build, folder, count):
    """A ctest over hard links to one program, each with the entries that cleave_add_shards() wrote for it."""
    text = (build / "CTestTestfile.cmake").read_text()
    settings = (build / "cleave" / "many.settings").read_text()
    all_folders = []
    for number in range(count):
        name = f"many-{number}"
        own = folder / name
        own.mkdir()
        os.link(build / "many", own / name)
        named = settings.replace("name\tmany", f"name\t{name}").replace("target\tmany", f"target\t{name}")
        (own / "settings").write_text(named)
        entries = "\n".join(line for line in text.splitlines() if "many" in line)
        for before, after in ((f"{build}/cleave/many.settings", f"{own}/settings"),
                              (f'"{build}/many"', f'"{own}/{name}"'), ("[=[many.", f"[=[{name}."),
                              ('"many"', f'"{name}"')):
            entries = entries.replace(before, after)
        (own / "CTestTestfile.cmake").write_text(entries)
        all_folders.append(f'subdirs("{own}")\n')
    (folder / "CTestTestfile.cmake").write_text("".join(all_folders))


def main():
    parser = argparse.ArgumentParser(prog="./dev soak")
    parser.add_argument("build", type=pathlib.Path, help="where ./dev soak built the program")
    parser.add_argument("--tests", type=int, default=100000)
    parser.add_argument("--programs", type=int, default=200)
    given = parser.parse_args()
    for name, least in (("tests", 100), ("programs", 1)):
        if getattr(given, name) < least:
            parser.error(f"--{name} is {getattr(given, name)}; {least} or more are possible")
    build = given.build.resolve()
    rows, wrong, times = [], [], []

    def row(what, tests, command, entries=False, each=None):
        with tempfile.TemporaryDirectory() as reports:
            environment = {"MANY_TESTS": str(each or tests), "CLEAVE_DIR": reports}
            seen = watch(command, environment, entries)
            seen["passed"] = passed(pathlib.Path(reports))
        rows.append(f"| {what} | {tests:,} | {seen['seconds']:.2f} s | {seen['seconds'] / tests * 1e6:.0f} µs "
                    f"| {seen['memory']:.0f} MB | {seen['descriptors']} | {seen['processes']} |")
        print(rows[-1], file=sys.stderr)
        if seen["code"] != 0 or seen["passed"] != tests:
            wrong.append(f"{what}: exit status {seen['code']}, {seen['passed']} of {tests} tests passed")
        if seen["memory"] >= MEMORY:
            wrong.append(f"{what}: a supervisor took {seen['memory']:.0f} MB; {MEMORY} are allowed")
        if seen["processes"] > 20 or seen["descriptors"] > 100:
            wrong.append(f"{what}: {seen['processes']} processes and {seen['descriptors']} descriptors at once")
        if entries and seen["root"].last > seen["root"].first + 20:
            wrong.append(f"{what}: ctest had {seen['root'].first} descriptors at first and {seen['root'].last} at last")
        return seen["seconds"] / tests

    for tests in (given.tests // 100, given.tests // 10, given.tests):
        times.append(row("own run, 2 shards", tests, [str(build / "many"), "--cleave-jobs=2"]))
    ctest = ["ctest", "-j2", "--test-dir"]
    row("`ctest -j2`", given.tests, [*ctest, str(build)], entries=True)
    with tempfile.TemporaryDirectory(dir=build) as folder:
        write_programs(build, pathlib.Path(folder), given.programs)
        row(f"`ctest -j2`, {given.programs} programs", given.programs * 100, [*ctest, folder], entries=True, each=100)
    if times[2] > RATIO * times[1]:
        wrong.append(f"a test of the largest run took {times[2] / times[1]:.1f} times what it took in a tenth of it")
    table = ["| run | tests | wall time | a test | memory of a supervisor | descriptors of it | processes at once |",
             "|---|--:|--:|--:|--:|--:|--:|", *rows]
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n" + "\n".join(table) + f"\n\n{END}{after}")
    for one in wrong:
        print(one, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
