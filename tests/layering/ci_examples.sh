#!/usr/bin/env bash
# The YAML blocks of the README are what the two services take: they parse, keep the history and both reports, also of a
# red run, and start only programs that are there.
set -u -o pipefail
cd "${1:?usage: ci_examples.sh ROOT PYTHON}" || exit 2
exec "${2:?usage: ci_examples.sh ROOT PYTHON}" - <<'PYTHON'
import re, shutil, sys, yaml

wrong = []
blocks = re.findall(r"^```yaml\n(.*?)^```", open("README.md", encoding="utf-8").read(), re.M | re.S)
docs = [yaml.safe_load(block) for block in blocks]
github = [doc for doc in docs if "jobs" in doc]
gitlab = [doc for doc in docs if "jobs" not in doc]
if len(github) != 1 or len(gitlab) != 1:
    sys.exit(f"README.md: one example for GitHub and one for GitLab, not {len(github)} and {len(gitlab)}")

commands, kept, cached = [], {}, {}
for job in github[0]["jobs"].values():
    for step in job["steps"]:
        commands += step.get("run", "").splitlines()
        if "upload-artifact" in step.get("uses", ""):
            kept["GitHub"] = step["with"]["path"]
            if step.get("if") not in ("always()", "${{ always() }}"):
                wrong.append("GitHub: the upload of a red run needs if: always()")
        if "actions/cache" in step.get("uses", ""):
            cached["GitHub"] = step["with"]["path"]
for name, job in gitlab[0].items():
    if not isinstance(job, dict) or "script" not in job:
        continue
    commands += job["script"]
    artifacts = job["artifacts"]
    kept["GitLab"] = " ".join(artifacts["paths"] + [artifacts["reports"]["junit"]])
    cached["GitLab"] = " ".join(job["cache"]["paths"])
    if artifacts.get("when") != "always":
        wrong.append("GitLab: the reports of a red run need when: always")
for service in ("GitHub", "GitLab"):
    for file in ("junit.xml", "report.html"):
        if file not in kept.get(service, ""):
            wrong.append(f"{service}: {file} is not kept")
    if "build/**/cleave/*/history" not in cached.get(service, ""):
        wrong.append(f"{service}: the history is not cached")
for command in commands:
    if shutil.which(command.split()[0]) is None:
        wrong.append(f"there is no program for '{command}'")
if not any(command.startswith("ctest") and " -j" in command for command in commands):
    wrong.append("no command runs ctest -j")
print("\n".join(wrong) or f"{len(commands)} commands in {len(docs)} examples")
sys.exit(bool(wrong))
PYTHON
