"""The package that helm makes of the chart."""

import re
import tarfile
import tempfile
import unittest
from pathlib import Path

from support import CHART, helm, read

# What links in the chart lead to.
LINKED = {"files/alerts.yml": "deploy/alerts.yml", "files/mongodb-role.js": "deploy/mongodb-role.js", "LICENSE": "LICENSE"}


def contents(package):
    with tarfile.open(package) as archive:
        for member in archive:
            assert member.isfile(), f"{member.name} is no plain file"
        return {
            member.name.removeprefix("rocketchat-engagement/"): archive.extractfile(member).read().decode()
            for member in archive
        }


class Package(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)

    def packaged(self, name):
        directory = self.scratch / name
        helm("package", CHART, "--destination", directory)
        [package] = directory.iterdir()
        self.assertEqual(package.name, "rocketchat-engagement-0.2.0.tgz")
        return package

    def test_its_version_is_that_of_the_program(self):
        [version] = re.findall(r'^version = "(.*)"$', read("Cargo.toml"), re.MULTILINE)
        chart = read("deploy/helm/rocketchat-engagement/Chart.yaml")
        for key in ("version", "appVersion"):
            self.assertEqual(re.findall(rf'^{key}: "?([^"\n]*)"?$', chart, re.MULTILINE), [version], key)

    def test_it_has_the_chart_and_nothing_else_each_time_the_same(self):
        files = contents(self.packaged("first"))
        self.assertEqual(files, contents(self.packaged("second")))
        templates = {f"templates/{file.name}" for file in (CHART / "templates").iterdir()}
        others = {"Chart.yaml", "README.md", "values.yaml", "values.schema.json", "files/connect.js"}
        self.assertEqual(set(files), templates | others | set(LINKED))
        for name, origin in LINKED.items():
            self.assertEqual(files[name], read(origin), name)
            self.assertTrue((CHART / name).is_symlink(), f"{name} is a copy, which would drift")
