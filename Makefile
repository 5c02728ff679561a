# Evenhand's commands, the same for people and for CI. Plain `make` lists them.

PORT ?= 8000
PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet install

# Throw-away values for looking at production's settings; nothing is connected to.
AS_IN_PRODUCTION := EVENHAND_ENV=production SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-for-this-check-alone-0123456789 \
	ALLOWED_HOSTS=evenhand.example DATABASE_URL=postgres://nobody@localhost/nothing REDIS_URL=redis://localhost/0

# Each process has its servers and a browser. A file stays whole, for the sake of what its tests share.
SIDE_BY_SIDE := $(if $(ARGS),,-n auto --maxprocesses 4 --dist loadfile)

# With ARGS, one of the two runs of the tests may well have none.
NONE_IS_FINE := $(if $(ARGS),|| [ $$? = 5 ])

.DEFAULT_GOAL := help
.PHONY: help run reset test check format bench bench-saves chaos

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1#\2/p' Makefile | while IFS='#' read -r name what; do printf '%-12s %s\n' "$$name" "$$what"; done

run: .venv/for-running ## try Evenhand out at http://localhost:8000 (PORT=8001 for another port)
	@$(PYTHON) manage.py try_out --port $(PORT)
	@PORT=$(PORT) exec $(PYTHON) -m gunicorn --config config/gunicorn.py config.wsgi

reset: ## delete what was tried out; the next `make run` begins afresh
	@if [ -t 0 ] && [ -e var/evenhand.sqlite3 ]; then \
		printf 'Everything entered while trying out will be deleted. Go on? [y/N] '; read -r answer; \
		case "$$answer" in [yY]*) ;; *) echo 'Nothing was deleted.'; exit 0 ;; esac; \
	fi; \
	rm -f var/evenhand.sqlite3 var/evenhand.sqlite3-wal var/evenhand.sqlite3-shm && echo 'Deleted. "make run" begins afresh.'

test: .venv/for-tests ## run all tests, on SQLite and on PostgreSQL with Redis (ARGS="-k word" for some)
	@$(PYTHON) -m tests.chromium
	EVENHAND_TEST_DATABASE=sqlite $(PYTHON) -m pytest -m "database and (not browser or both_databases)" $(SIDE_BY_SIDE) $(ARGS) $(NONE_IS_FINE)
	$(PYTHON) -m pytest $(SIDE_BY_SIDE) $(ARGS) $(NONE_IS_FINE)

check: .venv/for-tests ## lint, types, templates, missing migrations, production's settings
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m djlint templates --lint --quiet
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(AS_IN_PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

format: .venv/for-tests ## lay out the code as `make check` wants it
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .

bench: .venv/for-benchmarks ## measure what it costs, beside what would be used instead
	$(PYTHON) -m bench $(ARGS)

bench-saves: .venv/for-tests ## measure 64 inspectors saving at once, beside a bare update (needs wrk)
	$(PYTHON) -m bench.saves

chaos: .venv/for-tests ## kill everything at random during 10,000 saves, and count what was lost (ARGS="--saves 500")
	$(PYTHON) -m bench.chaos $(ARGS)

# Each file says that those requirements are installed; a change of the requirements makes it old.
.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3 python; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Creating .venv with $$("$$python" --version)"; exec "$$python" -m venv .venv; \
		fi; \
	done; \
	echo 'Evenhand needs Python 3.11 or newer with its venv module, and none was found. Install it (on Debian and Ubuntu: apt install python3 python3-venv) and run this again.' >&2; \
	exit 1

.venv/for-running: requirements.txt | .venv/bin/python
	@echo 'Installing what Evenhand needs'
	@$(PIP) -r requirements.txt
	@touch $@

.venv/for-tests: requirements-dev.txt requirements-pdf.txt .venv/for-running
	@echo 'Installing what the tests need'
	@$(PIP) -r requirements-dev.txt
	@touch $@

.venv/for-benchmarks: requirements-bench.txt .venv/for-tests
	@echo 'Installing what the benchmarks need'
	@$(PIP) -r requirements-bench.txt
	@touch $@
