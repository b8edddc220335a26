"""Runs helm on the chart, and reads what stands beside it in this repository."""

import functools
import os
import re
import subprocess
import tempfile
from pathlib import Path

import yaml

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parents[2]
CHART = TESTS.parent / "rocketchat-engagement"
VALUES = {name: TESTS / f"{name}.yaml" for name in ["default", "everything", "existing-secret", "ipv6"]}
LATEST = "1.37.0"


class Refused(Exception):
    """What helm says when it refuses."""


def helm(*arguments):
    """What helm prints. Its remark on the links in the chart, which a package does not have, is passed over."""
    done = subprocess.run([os.environ["HELM"], *map(str, arguments)], capture_output=True, text=True)
    complaints = "".join(line for line in done.stderr.splitlines(True) if "found symbolic link in path" not in line)
    if done.returncode != 0:
        raise Refused(complaints + done.stdout)
    if complaints:
        raise AssertionError(f"helm {arguments[0]}: {complaints}")
    return done.stdout


@functools.cache
def rendered_text(values, *arguments, release="chat", version=LATEST, chart=CHART):
    """The chart as text, with one of the files of values and further arguments."""
    files = ["--values", VALUES[values]] if values else []
    about = ["--namespace", "rocketchat", "--kube-version", version]
    return helm("template", release, chart, *about, *files, *arguments)


def rendered(*arguments, **named):
    """The objects of the chart."""
    return [document for document in yaml.safe_load_all(rendered_text(*arguments, **named)) if document]


def rendered_with(values, base="default", **named):
    """The objects of the chart with values that are given as an object, over those of one of the files or none."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        return rendered(base, "--values", file.name, **named)


def of_kind(objects, kind, suffix=""):
    """The one object of a kind whose name ends so."""
    [found] = [each for each in objects if each["kind"] == kind and each["metadata"]["name"].endswith(f"engagement{suffix}")]
    return found


def pod(workload):
    """The specification of a workload's pods."""
    return workload["spec"]["template"]["spec"]


def container(workload):
    """Its only container."""
    [only] = pod(workload)["containers"]
    return only


def environment(workload):
    """The variables of its container."""
    return {variable["name"]: variable for variable in container(workload)["env"]}


def read(path):
    """A file of this repository."""
    return (ROOT / path).read_text()


def paths_of_nginx():
    """The paths that the shipped nginx sends to the service."""
    return re.findall(r"^location = (/api/\S+) ", read("deploy/nginx/snippets/rocketchat-engagement.conf"), re.MULTILINE)


def privileges_of_script():
    """Pairs of a collection and what may be done with it, in deploy/mongodb-role.js."""
    script = read("deploy/mongodb-role.js")
    pairs = set()
    for name, action in [("reads", "find"), ("follows", "changeStream")]:
        [body] = re.findall(rf"const {name} = \[(.*?)\]", script, re.DOTALL)
        collections = re.findall(r'"(\w+)"', body)
        assert collections, f"deploy/mongodb-role.js: no {name}"
        pairs |= {(collection, action) for collection in collections}
    return pairs
