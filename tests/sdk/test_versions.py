"""The versions that are stated are the versions that are tried."""

import re
import tomllib
from pathlib import Path

import askfirst_sdk

HERE = Path(askfirst_sdk.__file__).parents[2]
STATED = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (HERE.parent / "Makefile").read_text(encoding="utf-8")


def test_the_oldest_frameworks_that_are_tried_are_the_stated_minimum() -> None:
    """`make sdk-matrix` installs exactly them."""
    tried = re.findall(r"([a-z]+)==([0-9.]+)\.\*", re.findall(r"SDK_OLDEST \?= (.*)", MAKEFILE)[0])
    extras = STATED["optional-dependencies"]
    stated = {name: extras[name][0].partition(">=")[2] for name in extras if name != "mount"}

    assert stated == dict(tried)


def test_the_pythons_that_are_tried_are_the_stated_ones() -> None:
    """`make sdk-pythons` runs on each that is installed."""
    tried = re.findall(r"SDK_PYTHONS \?= (.*)", MAKEFILE)[0].split()
    stated = [one.rpartition(" ")[2] for one in STATED["classifiers"] if re.search(r":: 3\.\d+$", one)]

    assert tried == stated
    assert f">={tried[0]}" == STATED["requires-python"]


def test_the_sdk_needs_two_distributions_and_no_more() -> None:
    """Everything else is an extra."""
    assert ["itsdangerous", "pynacl"] == sorted(re.split("[>=<]", one)[0] for one in STATED["dependencies"])
