# Everything runs in .venv, which is made on first use with the exact versions of constraints.txt.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: demo test coverage mutation fuzz check docs train clean

demo: $(READY)
	$(BIN)/fkd-live --demo --no-window --record runs/demo/annotated.mp4 --points runs/demo/points.jsonl --overwrite

# Side by side, a file of tests on one worker each. Three on two processors: many tests wait for programs they started.
PYTEST := -m pytest -n 3 --dist loadfile --no-loadscope-reorder
test: $(READY)
	$(BIN)/python $(PYTEST)
	$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS)

# All that parses, each for so long, two at a time on two processors: make fuzz SECONDS=600. In make test it is 3 seconds
# each and not the 30 that would find more, for a dozen targets times 30 would take 3 minutes of the time limit of CI.
SECONDS ?= 600
FUZZ_SECONDS ?= 3
fuzz: $(READY)
	$(BIN)/python fuzz/run.py --seconds $(SECONDS)

# The same tests, and which lines of tracker/ and training/ they run, also in the programs that they start. Left out are
# those that see to it that a program writes nothing but what was asked for, for here it writes what it ran, and those that
# end a thread from outside, on which CPython 3.11 hangs while its lines are followed.
NOT_COUNTED := --ignore tests/cli/test_privacy.py --ignore tests/tracker/test_stages.py \
    --deselect tests/test_walk.py::test_nothing_was_sent_and_nothing_else_was_written
coverage: $(READY)
	@mkdir -p runs/coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST) $(NOT_COUNTED)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Breaks crops, tracks, smoothing and the writers in some 1,900 ways and counts which the tests notice: docs/mutation.md.
mutation: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group mutation
	nice -n 15 $(BIN)/mutmut run
	$(BIN)/python checks/mutants.py
	$(BIN)/mutmut results

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python checks/audit.py
	$(BIN)/python checks/licences.py

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "written: runs/site/index.html; its search needs a server: python3 -m http.server --bind 127.0.0.1 --directory runs/site 8001"

train: $(READY)
	$(BIN)/fkd train shipped --out runs/shipped

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; name it with make PYTHON=…"; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable . --group dev
	@# pip would do this by one processor; a few files of packages are for other Pythons
	@$(BIN)/python -m compileall -q -j 0 .venv/lib tracker training >/dev/null 2>&1 || true
	@touch $@

clean:
	rm -rf .venv runs build dist
