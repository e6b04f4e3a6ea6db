#!/usr/bin/env python3
"""Whole commands side by side: see ./dev bench. Rounds are interleaved, so that what else the machine does hits all rows.

usage: bench.py BUILD_FOLDER [--quick] [--rounds N] [WORKLOAD...]"""

import argparse
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import parts
import rows
import table

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 180  # Seconds; what takes longer is said to.


def run(row):
    """One run: seconds of wall time and of CPU time of all processes, or why there is no figure."""
    if row.cold:
        shutil.rmtree(row.reports, ignore_errors=True)
    before = os.times()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as lines:
        lines.write(row.input or "")
        lines.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(row.command, env={**rows.environment(), **row.env}, stdin=lines, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        # wait() with a limit would look every 50 ms only.
        limit = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
        limit.start()
        process.wait()
        wall = time.perf_counter() - start
        limit.cancel()
        output.seek(0)
        told = output.read()[-300:]
    after = os.times()
    if wall > LIMIT:
        return None, f"more than {LIMIT} s"
    if process.returncode != 0:
        return None, f"failed: exit status {process.returncode}: {told}"
    if not row.is_right():
        return None, "failed: not every test is reported as passed"
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return (wall, cpu), None


def measure(workload_rows, rounds, quick):
    """The figures of one workload: a list of dicts, in the order of the rows."""
    figures = [{"runs": [], "cpu": [], "note": ""} for _ in workload_rows]
    for row in workload_rows:
        if row.reports and not row.cold:
            run(row)  # So that it has a history.
    for number in range(rounds):
        for row, figure in zip(workload_rows, figures):
            if figure["note"] or (number > 0 and (row.once or figure["runs"][0] > 15)):
                continue
            if quick and row.once:
                figure["note"] = "left out (--quick)"
                continue
            times, why = run(row)
            if times is None:
                figure["note"] = why
                if why.startswith("more than"):
                    figure["limit"] = LIMIT
                continue
            figure["runs"].append(times[0])
            figure["cpu"].append(times[1])
    for row, figure in zip(workload_rows, figures):
        figure.update(workload=row.workload.name, jobs=row.jobs, label=row.label, tests=row.workload.all_tests,
                      framework=row.workload.framework, bound=row.workload.bound(row.jobs))
        if figure["runs"]:
            figure["median"] = statistics.median(figure["runs"])
            print(f"{row.workload.name} -j{row.jobs} {row.label}: {figure['median']:.3f} s", file=sys.stderr)
        else:
            print(f"{row.workload.name} -j{row.jobs} {row.label}: {figure['note']}", file=sys.stderr)
    return figures


def supervisor(row):
    """The most memory (MB) and the CPU time (s) of the supervisor alone, looked at while the run goes on."""
    process = subprocess.Popen(row.command, env={**rows.environment(), **row.env}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    memory, cpu = 0, 0.0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            break
        if "VmHWM:" in status:
            memory = max(memory, int(status.split("VmHWM:")[1].split()[0]) / 1024)
            cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.002)
    return memory, cpu


def main():
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument("build", type=pathlib.Path, help="where ./dev bench built the programs")
    parser.add_argument("--quick", action="store_true", help="one round, without what takes minutes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("workloads", nargs="*")
    given = parser.parse_intermixed_args()
    known = list(rows.read_workloads(HERE / "workloads.txt"))
    wanted = given.workloads or [one.name for one in known]
    for name in wanted:
        if name not in [one.name for one in known]:
            parser.error(f"'{name}' is not a workload; there are {', '.join(one.name for one in known)}")
    if given.rounds < 1:
        parser.error(f"--rounds is {given.rounds}; 1 or more are possible")
    results = table.kept(HERE, wanted, known)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for workload in known:
            built = (given.build / workload.name / "rivals" / f"{workload.name}_rivals_1").exists()
            if workload.name not in wanted or not built:
                continue
            load = os.getloadavg()[0]
            all_rows = rows.rows_of(workload, given.build.resolve(), work)
            figures = measure(all_rows, 1 if given.quick else given.rounds, given.quick)
            for row, figure in zip(all_rows, figures):
                if row.reports and (workload.set_up or workload.environment):
                    figure["set_ups"] = rows.count_set_ups(row, work / "log")
                if row.label == "Cleave" and (workload.zipf or workload.name == "many"):
                    memory, cpu = supervisor(row)
                    figure["supervisor"] = {"memory_mb": memory, "cpu_s": cpu}
            for figure in figures:
                figure["load"] = load
            results = table.in_order(results + figures, known)
            table.write(HERE, results, [], known)  # What is there stays, when somebody ends this.
    if not any(figure["workload"] in wanted for figure in results):
        parser.error("none of these workloads is built")
    told = parts.lines(HERE.parent.parent.parent, given.build, 1 if given.quick else given.rounds)
    table.write(HERE, results, told, known)
    table.tell(results, told)
    return 1 if any(figure["note"].startswith("failed") for figure in results) else 0


if __name__ == "__main__":
    sys.exit(main())
