# make book and make test do all their own set-up; make help lists the rest.
# Every path is relative and every tool is run as a module, so a folder name with spaces does no harm.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
NOTEBOOK ?=
SUBMISSIONS ?=
ASSIGNMENT ?=
SEED ?=
PART ?=
MOST ?=

python := .venv/bin/python
ready := .venv/ready
# Reading the stored pages back is ten times faster without the search for cycles to free.
build := $(python) -c 'import gc, jupyter_book.cli.main as book; gc.disable(); book.main()' build . -W -n --keep-going
course := PYTHONPATH=tools .venv-course/bin/python
course_ready := .venv-course/ready

.DEFAULT_GOAL := help
.PHONY: help setup book serve pdf links test coverage elsewhere mutants lint notebooks course assignments grade sbom clean

help:            ## list these commands
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1: /p' Makefile

setup: $(ready)  ## make .venv (the other commands call this themselves)

$(ready): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("This project needs Python 3.11 or newer, and $(PYTHON) is %d.%d: name a newer one, for example make PYTHON=python3.12." % v[:2])'
	@echo "Setting up .venv; the first time this downloads about 400 MB or, with a CUDA build of torch, several GB."
	$(PYTHON) -m venv .venv
	$(python) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $(ready)

book: $(ready)   ## build the book; any warning is an error
	$(build) || { rm -rf _build/.doctrees; exit 1; } # so that a second try says it again
	@echo
	@echo "The book is in _build/html/index.html"
	@$(python) -c 'from pathlib import Path; print("Open", Path("_build/html/index.html").resolve().as_uri(), "or run make serve")'

serve: book      ## build the book and show it on this machine (PORT=8000)
	$(python) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

pdf: $(ready)    ## print the whole book as one PDF (needs Chromium)
	$(build) --builder singlehtml --path-output _build/single
	$(python) tools/print_book.py _build/single/_build/singlehtml/intro.html _build/adambook.pdf

links: $(ready)  ## ask every address that the book names whether it still answers
	$(build) --builder linkcheck

test: lint       ## check style and types, then run tests, docstring examples and notebooks
	TQDM_DISABLE=1 $(python) -m pytest -n $(WORKERS) --dist loadfile --nbval --nbval-current-env tests src chapters

coverage: $(ready)  ## run the tests and record in data/checks which branches they take
	TQDM_DISABLE=1 $(python) -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report json:_build/coverage.json tests src
	$(python) tools/coverage_record.py _build/coverage.json

elsewhere: $(ready)  ## run all but the site's tests with one thread, an odd locale, clock and home, and record how many pass
	TQDM_DISABLE=1 $(python) tools/elsewhere.py

mutants: $(ready)  ## put faults into the package, record which the tests find (hours; PART=theory MOST=100)
	$(python) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[mutants]"
	TQDM_DISABLE=1 OMP_NUM_THREADS=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONPATH=tools $(python) -m mutants $(PART) $(if $(MOST),--most $(MOST))

lint: $(ready)   ## check style, format and types
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy

notebooks: $(ready)  ## run the notebooks and store their outputs (NOTEBOOK=one.ipynb for one)
	$(python) tools/refresh_notebooks.py $(if $(NOTEBOOK),"$(NOTEBOOK)")

course: $(course_ready)  ## make .venv-course, the grading tools (assignments and grade do this themselves)

$(course_ready): pyproject.toml requirements-course.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("This project needs Python 3.11 or newer, and $(PYTHON) is %d.%d: name a newer one, for example make PYTHON=python3.12." % v[:2])'
	@echo "Setting up .venv-course; the first time this downloads about 170 MB."
	$(PYTHON) -m venv .venv-course
	.venv-course/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-course.txt
	.venv-course/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(course_ready)

assignments: $(course_ready)  ## write the student versions of the assignments (SEED=1 for another variant)
	$(course) -m course.student $(if $(SEED),--seed $(SEED))

grade: $(course_ready)  ## grade a folder: make grade SUBMISSIONS=folder (ASSIGNMENT=, SEED=, WORKERS=2)
	$(course) -m course.grade $(if $(SUBMISSIONS),"$(SUBMISSIONS)",$(error Name the folder that holds the notebooks: make grade SUBMISSIONS=folder)) $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) $(if $(SEED),--seed $(SEED)) --workers $(WORKERS)

sbom: $(ready)  ## list all that is installed in .venv, as CycloneDX JSON in _build/sbom.json
	$(PYTHON) -m venv .venv-sbom
	.venv-sbom/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-sbom.txt
	@mkdir -p _build
	.venv-sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible $(python) | sed 's|"file://[^"]*"|"."|' > _build/sbom.json # a name of this machine's folders is nobody's business
	rm -rf .venv-sbom

clean:           ## delete the built book, the caches and .venv
	rm -rf _build .venv .venv-course .venv-sbom .mypy_cache .pytest_cache .ruff_cache chapters/.ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.egg-info' -type d -prune -exec rm -rf {} +
