PYTHON ?= python3
PORT ?= 8000
SOURCE ?=
BIN := .venv/bin

.PHONY: setup demo serve test check bench

setup: .venv/installed ## the virtual environment, with everything that demo, tests and checks need

.venv/installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is %d.%d: make PYTHON=..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

demo: setup ## import a dump (SOURCE=DIR, or a small one made on the spot), prove it, serve it on PORT
	@$(BIN)/python -m scribetree.demo --port $(PORT) $(if $(SOURCE),--source "$(SOURCE)")

serve: setup ## the production server on DATABASE_URL
	$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	$(BIN)/granian --interface wsgi --host 0.0.0.0 --port $(PORT) --workers 2 --blocking-threads 4 scribetree.wsgi:application

test: setup
	@migrate_mongo/tests/servers/build || true # without them, the tests that need them are skipped
	$(BIN)/python manage.py test

check: setup ## everything but the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	SCRIBETREE_TESTING=1 $(BIN)/mypy
	SCRIBETREE_TESTING=1 $(BIN)/python manage.py makemigrations --check
	DEBUG=0 SECURE_SSL=1 ALLOWED_HOSTS=example.org JWT_SECRET=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(40))') \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python bench/audit.py

bench: setup ## the import and the API, each against its floor
	$(BIN)/python bench/import.py
	$(BIN)/python bench/api.py
	$(BIN)/python bench/writing.py
