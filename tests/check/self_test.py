#!/usr/bin/env python3
"""Holds hearback-check against good plugins, and against one bad plugin for each of its tests.

Usage: self_test.py HEARBACK_CHECK BINARY_DIR SOURCE_DIR [--only PATTERN] [--table]

Each bad plugin is a good one until the environment variable HEARBACK_BAD names the test that it shall fail. Which
library can fail which test stands in its source: bad("poll/items"). Those that are wrong from their build on are named
after the test, bad_load_quick.so, and the good one beside them is another. Prints the table, and ends with 1 where a
test of the kit has no bad plugin, where one passes, where a good plugin fails, or where docs/check.md has another table.
--table prints it as it stands there.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

words = argparse.ArgumentParser(usage=__doc__)
words.add_argument("check", type=pathlib.Path)
words.add_argument("binaries", type=pathlib.Path)
words.add_argument("sources", type=pathlib.Path)
words.add_argument("--only", default="", metavar="PATTERN")
words.add_argument("--table", action="store_true")
options = words.parse_args()
check, binaries, sources = (path.resolve() for path in (options.check, options.binaries, options.sources))
zoo = sources / "tests/check/zoo"
templates = sources / "plugin-sdk/templates"
# Of a library that is wrong from its build on: the good one.
TWINS = {"bad_load": "bad_sink", "bad_settings": "bad_channel"}


def tests_of_the_kit(listed):
    """Their names with their levels."""
    return {name: int(level) for name, level in re.findall(r"^\| `([^`]+)` \| (\d) \|", listed, re.MULTILINE)}


def bad_plugins():
    """Which library fails which test, and which one passes it."""
    found = {}
    for source in sorted(zoo.glob("bad_*")):
        # The entry is the channel's.
        name = "bad_channel" if source.stem == "bad_entry" else source.stem
        for test in re.findall(r'bad\("([^"]+)"\)', source.read_text()):
            found.setdefault(test, (name, name))
    for library in sorted((binaries / "check-zoo").glob("bad_*_*.so")):
        built, rule = re.fullmatch(r"(bad_[a-z]+)_(.+)", library.stem).groups()
        found[f"{built.removeprefix('bad_')}/{rule}"] = (TWINS[built], library.stem)
    return found


def run(library, plan=None, bad="", more=()):
    """What the kit says of each test, and all that it says."""
    command = [check, "--format", "json", "--seed", "1", "--stress", "1", *more, library]
    command += ["--config", plan] if plan else []
    environment = {**os.environ, "HEARBACK_BAD": bad}
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=300)
    if ended.returncode == 2:
        return {}, ended.stderr
    return {test["name"]: test["result"] for test in json.loads(ended.stdout)["tests"]}, ended.stdout


def run_of_zoo(name, bad="", more=()):
    """With its plan; level 0, the files themselves, needs none."""
    source = "bad_channel" if name.startswith("bad_settings") else name
    plan = zoo / f"{source}.toml"
    return run(binaries / f"check-zoo/{name}.so", plan if plan.exists() else None, bad, more)


def judge(test, level, good, bad):
    more = ["--level", str(level), "--include", f"^{re.escape(test)}$"]
    good_says, good_report = run_of_zoo(good, "", more)
    bad_says, bad_report = run_of_zoo(bad, test, more)
    problems = []
    if good_says.get(test) not in ("pass", "warn"):
        problems.append(f"{test}: {good} is good and the kit says {good_says.get(test)}\n{good_report}")
    if bad_says.get(test) not in ("fail", "crash", "timeout"):
        problems.append(f"{test}: {bad} is bad and the kit says {bad_says.get(test)}\n{bad_report}")
    return problems


def good_plugins():
    """Name, library, plan of each plugin that shall pass everything."""
    for source in sorted(templates.glob("*/@NAME@.*")):
        name = f"good-{source.parent.name}"
        yield name, binaries / f"check-good/{name}.so", source.parent / "hearback-check.toml"
    for plan in sorted(zoo.glob("bad_*.toml")):
        yield plan.stem, binaries / f"check-zoo/{plan.stem}.so", plan


def judge_good(name, library, plan):
    says, report = run(library, plan)
    bad = [test for test, result in says.items() if result not in ("pass", "warn", "skip")]
    problems = [f"{name} is good and fails {', '.join(bad)}\n{report}"] if bad or not says else []
    counts = {result: list(says.values()).count(result) for result in ("pass", "warn", "skip")}
    return counts, problems


listed = subprocess.run([check, "--list"], capture_output=True, text=True, check=True).stdout.strip()
kit = tests_of_the_kit(listed)
pairs = bad_plugins()
problems = [f"{test}: no plugin fails it" for test in kit if test not in pairs]
problems += [f"{test}: the kit has no such test" for test in pairs if test not in kit]
table = ["| test | level | passes | fails |", "|---|---|---|---|"]
table += [f"| `{test}` | {level} | `{pairs[test][0]}` | `{pairs[test][1]}` |"
          for test, level in kit.items() if test in pairs]
if options.table:
    print("\n".join(table))
    sys.exit()
page = (sources / "docs/check.md").read_text()
problems += [] if "\n".join(table) in page else ["docs/check.md has another table than self_test.py --table"]

with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    work = {test: pool.submit(judge, test, level, *pairs[test])
            for test, level in kit.items() if test in pairs and re.search(options.only, test)}
    all_good = [] if options.only else list(good_plugins())
    absent = [name for name, library, _ in all_good if name.endswith("-rust") and not library.exists()]
    if absent and not shutil.which("rustc"):
        print(f"SKIPPED: rustc is not installed, so there is no {', '.join(absent)}")
        all_good = [each for each in all_good if each[0] not in absent]
    good = {each[0]: pool.submit(judge_good, *each) for each in all_good}
    print("\n".join(table[:2]))
    for test, future in work.items():
        found = future.result()
        problems += found
        print(f"| `{test}` | {kit[test]} | `{pairs[test][0]}` | `{pairs[test][1]}` |{' WRONG' if found else ''}", flush=True)
    print("\n| good plugin, levels 0 to 2 | pass | warn | skip |\n|---|---|---|---|")
    for name, future in good.items():
        counts, found = future.result()
        problems += found
        print(f"| {name} | {counts['pass']} | {counts['warn']} | {counts['skip']} |{' WRONG' if found else ''}", flush=True)
print(f"{len(kit)} tests of the kit, {sum(test in pairs for test in kit)} with a plugin that fails them")
if problems:
    sys.exit("\n".join(problems))
