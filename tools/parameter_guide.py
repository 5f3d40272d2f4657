"""The parameter guide ``docs/parameters.md``, written by ``python -m tools.parameter_guide``."""

from helpers import files
from helpers.study import parameters
from helpers.study.paths import ROOT

FILE = ROOT / "docs" / "parameters.md"
HEAD = """# Parameters

Made from `src/helpers/study/parameters.yml`. The values are those of `params.yml`.
A build with other values: `make all PARAMS=my.yml`, where `my.yml` holds only what differs.

"""


def guide() -> str:
    """Return the guide to all parameters as Markdown, one table per stage."""
    values, parts = parameters.load(), [HEAD]
    sections = {"every stage": {name: parameters.schema()["properties"][name]
                                for name in parameters.COMMON}}
    sections |= {stage: rule["properties"]
                 for stage, rule in parameters.schema()["properties"].items()
                 if rule["type"] == "object"}
    for stage, rules in sections.items():
        rows = [f"| `{name}` | `{_value(values.get(stage, values), name)}` | "
                f"{parameters.allowed(rule)} | "
                f"{rule['text_en']} | {rule['text_id']} |" for name, rule in rules.items()]
        parts.append("\n".join([f"## {stage}\n", "| name | value | allowed | meaning | arti |",
                                "|---|---|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _value(values: dict, name: str) -> str:
    value = values[name]
    return ", ".join(value) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    files.write(FILE, guide())
