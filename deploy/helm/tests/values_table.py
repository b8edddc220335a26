"""The table of values in the chart's README, made from the comments of values.yaml: `python3 values_table.py` writes it anew."""

import json
import sys

import yaml

from support import CHART

HEADING = "\n## Values\n"


def documented_values():
    """Name, default and meaning of each value. A value whose comment begins with `--` is one row, with all below it."""
    text = (CHART / "values.yaml").read_text()
    lines = text.splitlines()

    def comment(line):
        found = []
        while line > 0 and lines[line - 1].strip().startswith("#"):
            line -= 1
            found.insert(0, lines[line].strip().removeprefix("#").strip())
        return " ".join(found).removeprefix("-- ") if found and found[0].startswith("-- ") else None

    def rows(node, values, prefix):
        for key, value in node.value:
            name, meaning = prefix + key.value, comment(key.start_mark.line)
            if meaning is not None:
                yield name, values[key.value], meaning
            elif isinstance(value, yaml.MappingNode) and value.value:
                yield from rows(value, values[key.value], f"{name}.")
            else:
                sys.exit(f"values.yaml: {name} has no comment that begins with --")

    return list(rows(yaml.compose(text), yaml.safe_load(text), ""))


def table():
    """As it is in the README."""
    def cell(text):
        return text.replace("|", "\\|")

    rows = [f"| `{name}` | `{cell(json.dumps(default))}` | {cell(meaning)} |" for name, default, meaning in documented_values()]
    return "\n".join(["| Value | Default | |", "|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    readme = CHART / "README.md"
    before, _ = readme.read_text().split(HEADING)
    readme.write_text(f"{before}{HEADING}\n{table()}")
