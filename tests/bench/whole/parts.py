"""What Cleave costs where it does nothing: at configure time, and in a program that is started as if it were not there."""

import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

TARGETS = 50


def timed(command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def configure(root, rounds):
    """Seconds that one call of cleave_add_shards() adds to a configuration: medians of a tree with and without them."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "t.cpp").write_text("int main() {}\n")
        for kind, call in (("with", "cleave_add_shards(t${i})"), ("without", "add_test(NAME t${i} COMMAND t${i})")):
            (work / kind).mkdir()
            (work / kind / "CMakeLists.txt").write_text(
                "cmake_minimum_required(VERSION 3.25)\nproject(Configured LANGUAGES CXX)\nenable_testing()\n"
                "find_package(GTest REQUIRED)\n"
                "set(CLEAVE_BUILD_TESTS OFF)\nset(CLEAVE_BUILD_CLI OFF)\n"
                f"add_subdirectory({root} cleave)\nforeach(i RANGE 1 {TARGETS})\n  add_executable(t${{i}} ../t.cpp)\n"
                f"  target_link_libraries(t${{i}} PRIVATE GTest::gtest_main)\n  {call}\nendforeach()\n")
        runs = {"with": [], "without": []}
        for number in range(rounds + 1):
            for kind, figures in runs.items():
                took = timed(["cmake", "-S", str(work / kind), "-B", str(work / f"build-{kind}"), "-G", "Ninja"])
                if number > 0:  # The first one looks for compilers.
                    figures.append(took)
        return (statistics.median(runs["with"]) - statistics.median(runs["without"])) / TARGETS


def cpu_time_of(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    timed(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def inert(plain, plugged, rounds):
    """Seconds of CPU time that a program takes longer because Cleave is linked into it: medians of interleaved runs of
    one test."""
    runs = ([], [])
    for _ in range(60 * rounds):
        for program, figures in zip((plain, plugged), runs):
            figures.append(cpu_time_of([program, "--gtest_filter=Suite1.Test30"]))
    return statistics.median(runs[1]) - statistics.median(runs[0])


def lines(root, build, rounds):
    """For the table. Programs of the workload `trivial` are needed."""
    told = [f"- `cleave_add_shards()` adds {1000 * configure(root, rounds):.1f} ms to a configuration, on average of "
            f"{TARGETS} calls."]
    folder = build / "trivial"
    programs = [str(folder / kind / f"trivial_{kind}_1") for kind in ("rivals", "cleave")]
    if all(pathlib.Path(one).exists() for one in programs):
        told.append(f"- A program of 2,000 tests that runs one of them, without any flag or variable of Cleave, takes "
                    f"{1000 * inert(*programs, rounds):.2f} ms more CPU time with the plugin than without it.")
    return told
