"""All is said in pyproject.toml, but for this: a wheel also carries data/, as adambook/data."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("paper/*.csv", "results/*.csv", "results/*.json")


class WithData(build_py):
    """Copy the paper's curves and the recorded results beside the code."""

    def run(self):
        super().run()
        if not self.editable_mode:
            for source, target in self.data():
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target))

    def data(self):
        package = Path(self.build_lib) / "adambook"
        for pattern in CARRIED:
            for source in sorted(Path("data").glob(pattern)):
                if "-smoke" not in source.name:
                    yield source, package / source

    def get_outputs(self, include_bytecode=1):
        own = [] if self.editable_mode else [str(target) for _, target in self.data()]
        return [*super().get_outputs(include_bytecode), *own]


setup(cmdclass={"build_py": WithData})
