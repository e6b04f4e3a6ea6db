"""The figures as a Markdown table, JSON and a plot."""

import json
import os
import pathlib
import subprocess

BEGIN = "<!-- whole commands: written by ./dev bench -->"
END = "<!-- end of whole commands -->"
ABOUT = [
    "## Whole commands", "",
    "Written by `./dev bench`. Wall time of whole commands, medians (least–most) of interleaved runs; each run of Cleave has to",
    "report every test as passed. What stands in one row of a workload can be compared with its other rows, not with those of",
    "another workload: `./dev bench NAME` measures one anew, and leaves the others as they are. Workloads are described in",
    "`whole/workloads.txt`; the figures are in `whole/results.json` too, and in `whole/results.svg` as a plot. Runs of Cleave know",
    "a history, unless they are called cold.",
]


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def spread(runs):
    return f"{seconds(min(runs))}–{seconds(max(runs))}" if len(runs) > 1 else "one run"


def plain_of(figure, results):
    for other in results:
        if other["workload"] == figure["workload"] and other["label"] == "plain binary" and "median" in other:
            return other["median"]
    return None


def faster_than_rival(figure, results):
    """Than one entry a test under ctest, with as many jobs: what Cleave takes the place of. At least, where that was ended."""
    for other in results:
        if (other["workload"], other["jobs"]) == (figure["workload"], figure["jobs"]) and "discover_tests" in other["label"]:
            if "median" in other:
                return f"{other['median'] / figure['median']:.1f} ×"
            if "limit" in other:
                return f"> {other['limit'] / figure['median']:.0f} ×"
    return ""


def lines_of(results):
    lines = ["| workload | N | command | median | spread | of the plain binary | faster than an entry a test | of the bound |",
             "|---|--:|---|--:|--:|--:|--:|--:|"]
    for figure in results:
        if "median" not in figure:
            lines.append(f"| {figure['workload']} | {figure['jobs']} | {figure['label']} | {figure['note'][:40]} | | | | |")
            continue
        plain, median = plain_of(figure, results), figure["median"]
        bound = figure["bound"] if figure["label"].split(",")[0] != "plain binary" else None
        lines.append("| " + " | ".join([
            figure["workload"], str(figure["jobs"]), figure["label"], seconds(median), spread(figure["runs"]),
            f"{median / plain:.2f}" if plain else "", faster_than_rival(figure, results),
            f"{median / bound:.3f}" if bound else ""]) + " |")
    return lines


def extra_lines(results):
    lines = []
    for figure in results:
        where = f"`{figure['workload']}`, N = {figure['jobs']}, {figure['label']}"
        if "set_ups" in figure:
            lines.append(f"- {where}: set up {figure['set_ups']} times in a run.")
        if "supervisor" in figure:
            one = figure["supervisor"]
            share = f", {100 * one['cpu_s'] / figure['median']:.1f} % of the run" if "median" in figure else ""
            lines.append(f"- {where}: the supervisor had {one['memory_mb']:.1f} MB at most and {one['cpu_s']:.2f} s of CPU "
                         f"time{share}.")
    return lines


def in_order(results, known):
    place = {one.name: number for number, one in enumerate(known)}
    return sorted((one for one in results if one["workload"] in place), key=lambda one: place[one["workload"]])


def kept(here, wanted, known):
    """What was measured before of the workloads that are not to be measured now."""
    try:
        before = json.loads((here / "results.json").read_text())["rows"]
    except (OSError, ValueError, KeyError):
        return []
    return in_order([one for one in before if one["workload"] not in wanted and "load" in one], known)


def machine(results):
    model = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":")[1].split()[0:2]
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=False).stdout.strip()
    loads = [figure["load"] for figure in results]
    return (f"{len(os.sched_getaffinity(0))} CPUs ({' '.join(model)}), g++ {compiler}, release build, load "
            f"{min(loads):.2f} to {max(loads):.2f} before a workload")


def plot(results):
    """One bar for each figure, in a scale of powers of ten, workload by workload."""
    import math
    shown = [figure for figure in results if "median" in figure]
    height, left, width = 16, 330, 420
    least = math.floor(math.log10(min(figure["median"] for figure in shown)))
    most = math.ceil(math.log10(max(figure["median"] for figure in shown)))
    text = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 90}" height="{height * len(shown) + 40}" '
            'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    for power in range(least, most + 1):
        x = left + width * (power - least) / max(1, most - least)
        text.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="0" y2="{height * len(shown) + 8}" stroke="#ddd"/>')
        text.append(f'<text x="{x:.0f}" y="{height * len(shown) + 22}" text-anchor="middle">{10.0 ** power:g} s</text>')
    for number, figure in enumerate(shown):
        y = height * number + 4
        length = width * (math.log10(figure["median"]) - least) / max(1, most - least)
        colour = "#2a7f62" if "leave" in figure["label"] else "#b0b0b0"
        name = f"{figure['workload']} N={figure['jobs']}  {figure['label'].replace('`', '')}"
        text.append(f'<text x="{left - 6}" y="{y + 10}" text-anchor="end">{name}</text>')
        text.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{height - 4}" fill="{colour}"/>')
        text.append(f'<text x="{left + length + 4:.1f}" y="{y + 10}">{seconds(figure["median"])}</text>')
    return "\n".join(text + ["</svg>"]) + "\n"


def write(here, results, told, known):
    (here / "results.json").write_text(json.dumps({"machine": machine(results), "rows": results}, indent=1) + "\n")
    (here / "results.svg").write_text(plot(results))
    readme = here.parent / "README.md"
    text = readme.read_text()
    made = "\n".join([BEGIN, "", *ABOUT, "", f"{machine(results)}. {len({figure['workload'] for figure in results})} of {len(known)} workloads.",
                      "", *lines_of(results), "", *extra_lines(results), *told, "", END])
    if BEGIN in text:
        text = text[:text.index(BEGIN)] + made + text[text.index(END) + len(END):]
    else:
        text = text.rstrip("\n") + "\n\n" + made + "\n"
    readme.write_text(text)


def tell(results, told):
    """The same on the terminal."""
    print("\n".join(lines_of(results) + [""] + extra_lines(results) + told))
