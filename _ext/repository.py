"""Sphinx extension: buttons to edit, to report, to launch, as far as an address is known.

The address is that of the repository that GitHub's workflows build, else `Repository` in
pyproject.toml. Without one a page offers its download alone. Colab is offered only where the first
cell of the notebooks names an address (see tools/first_cell.py).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def written(project: Path = PROJECT) -> str | None:
    """Return the address that the project itself names, if it names one."""
    urls = tomllib.loads(project.read_text("utf-8"))["project"].get("urls", {})
    return urls.get("Repository")


def built(environment: Mapping[str, str]) -> str | None:
    """Return the address of the repository that a GitHub workflow builds."""
    server, name = (environment.get(f"GITHUB_{part}") for part in ("SERVER_URL", "REPOSITORY"))
    return f"{server}/{name}" if server and name else None


def buttons(address: str | None, in_cells: str | None, branch: str = "main") -> dict[str, Any]:
    """Return the theme's options for an address, and for the one in the notebooks' first cell."""
    if address is None:
        return {}
    launch = {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"}
    if in_cells is not None:
        launch["colab_url"] = "https://colab.research.google.com"
    return {
        "repository_url": address,
        "repository_branch": branch,
        "path_to_docs": "",
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": launch,
    }


def add_buttons(app: Sphinx, config: Config) -> None:
    address = built(os.environ) or written()
    branch = os.environ.get("GITHUB_REF_NAME", "main")
    config["html_theme_options"] |= buttons(address, written(), branch)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", add_buttons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
