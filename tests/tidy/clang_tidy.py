#!/usr/bin/env python3
"""Runs clang-tidy over the project's sources.

A file that passed is not checked again until it, a project header it includes, the list of checks or its compile
command changes: the passes are remembered by content hash in the build folder.
"""

import argparse
import functools
import hashlib
import json
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("engine", "widgets", "app", "tests")
WITHOUT_RELEASE = ("engine/base/", "engine/sim/")
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)


def compile_commands(build):
    """The commands come from a folder that is configured only: a unity build has none for a single file, and clang cannot
    read the precompiled headers of g++."""
    without = ("-DCMAKE_UNITY_BUILD=OFF", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON")
    configured = run("cmake", "--preset", "release", "-B", build, "-Wno-dev", *without)
    if configured.returncode:
        sys.exit(configured.stdout + configured.stderr)
    entries = json.loads((build / "compile_commands.json").read_text())
    inside = {}
    for entry in entries:
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS:
            inside[path.relative_to(ROOT).as_posix()] = entry["command"]
    return inside


def generate_moc_files(build):
    """A source file may include what moc makes of it. Asked through ninja, each moc would first build what its target links."""
    with ThreadPoolExecutor(cpu_count()) as pool:
        steps = [("cmake", "-E", "cmake_autogen", target, "Release") for target in build.rglob("AutogenInfo.json")]
        moc = re.search(r"(\S+/moc) @", (build / "build.ninja").read_text()).group(1)
        steps += [(moc, f"@{parameters}") for parameters in build.rglob("*.moc_parameters_Release")]
        for made in pool.map(lambda step: run(*step), steps):
            if made.returncode:
                sys.exit(made.stdout + made.stderr)


@functools.cache
def included(path):
    """The project files that a project file includes, itself and indirect ones among them."""
    found, waiting = set(), [path]
    while waiting:
        current = waiting.pop()
        if current in found or not (ROOT / current).is_file():
            continue
        found.add(current)
        waiting += [name.decode() for name in INCLUDE.findall((ROOT / current).read_bytes())]
    return frozenset(found)


def changed_since_release():
    """The files changed since the last release tag, or None when there has been no release."""
    tag = run("git", "-c", "safe.directory=*", "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*").stdout.strip()
    if not tag:
        return None
    tracked = run("git", "-c", "safe.directory=*", "diff", "--name-only", tag).stdout.split()
    untracked = run("git", "-c", "safe.directory=*", "ls-files", "--others", "--exclude-standard").stdout.split()
    return set(tracked) | set(untracked)


def selected(files, scope):
    if scope == "all":
        return sorted(files)
    changed = changed_since_release()
    if changed is None:
        return sorted(path for path in files if path.startswith(WITHOUT_RELEASE))
    return sorted(path for path in files if included(path) & changed)


def key(path, command, checks):
    digest = hashlib.sha256(checks)
    digest.update(command.encode())
    for name in sorted(included(path)):
        digest.update(name.encode())
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def check(path, build):
    result = run("clang-tidy", "--quiet", "-p", build, f"--header-filter=^{ROOT}/({'|'.join(FOLDERS)})/", path)
    return result.returncode == 0, result.stdout.strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scope", choices=("changed", "all"), default="changed")
    parser.add_argument("--build-root", type=pathlib.Path, default=ROOT.parent / "millrace-build")
    arguments = parser.parse_args()

    build = arguments.build_root.resolve() / "tidy"
    passes = build / "passed"
    passes.mkdir(parents=True, exist_ok=True)
    commands = compile_commands(build)
    checks = (ROOT / ".clang-tidy").read_bytes() + run("clang-tidy", "--version").stdout.encode()

    files = selected(commands, arguments.scope)
    keys = {path: key(path, commands[path], checks) for path in files}
    waiting = [path for path in files if not (passes / keys[path]).exists()]
    if any(not path.startswith("engine/") for path in waiting):
        generate_moc_files(build)
    print(f"{len(files)} files, {len(waiting)} of them to check", flush=True)

    failed = 0
    with ThreadPoolExecutor(cpu_count()) as pool:
        for path, (passed, complaints) in zip(waiting, pool.map(lambda path: check(path, build), waiting)):
            if passed:
                (passes / keys[path]).touch()
            else:
                failed += 1
                print(f"{path}\n{complaints}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
