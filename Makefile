# Cairn. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:

LISTEN ?= 127.0.0.1:7300
DATA ?= .demo
EVENTS ?= 20000000
SET ?= plain
IDS ?= random
ENGINES ?= cairn,clickhouse,duckdb,postgres
FLAGS ?= --check
STORE ?= embedded
CASES ?= 100000
SEED ?= 1
CARGO ?= cargo
PG_CONFIG ?= $(or $(POSTGRES_BIN),/usr/lib/postgresql/15/bin)/pg_config

SNIPPET := snippet/dist/cairn.js
VISUALIZER := visualizer/dist/visualizer.js
WEB := web/dist/index.html

.PHONY: help demo build test sizes check lint conformance soak deps bench bench-capture bench-import bench-compare bench-live bench-postgres bench-web bench-scale audit extension extension-build extension-conformance extension-lint extension-test clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: build ## build everything, then serve Cairn and a demo shop with 90 days of history (LISTEN=, DATA=)
	$(CARGO) run --quiet --release -p cairn -- demo --listen $(LISTEN) --data $(DATA)

build: $(SNIPPET) $(VISUALIZER) $(WEB) ## the release binary, web app and capture script included
	scripts/need cargo native
	$(CARGO) build --release --locked -p cairn

$(SNIPPET): $(wildcard snippet/src/*.ts) snippet/package-lock.json snippet/build.mjs
	scripts/need node npm
	cd snippet && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

# It is made of the snippet's code, too, so that it sees what that captures.
$(VISUALIZER): $(shell find visualizer/src -type f 2>/dev/null) $(wildcard snippet/src/*.ts) visualizer/package-lock.json visualizer/build.mjs
	scripts/need node npm
	cd visualizer && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

# It chooses selectors by the visualizer's code.
$(WEB): $(shell find web/src web/index.html web/vite.config.ts visualizer/src -type f 2>/dev/null) web/package-lock.json
	scripts/need node npm
	cd web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build

deps: ## what tests need: Chromium, PostgreSQL, Kafka and npm packages
	scripts/need cargo native node npm chromium postgresql kafka
	for dir in snippet visualizer web tests/browser; do
		[ $$dir/node_modules/.package-lock.json -nt $$dir/package-lock.json ] || (cd $$dir && npm ci --no-audit --no-fund --loglevel=error)
	done

test: deps $(SNIPPET) $(VISUALIZER) $(WEB) lint sizes ## every test but the long ones
	$(CARGO) test --locked --workspace --exclude cairn-bench
	$(CARGO) build --locked -p cairn
	cd web && npm run --silent check && npm test --silent && cd ..
	cd snippet && npm run --silent check && npm test --silent && cd ..
	cd visualizer && npm run --silent check && npm test --silent && cd ..
	cd tests/browser && npm test --silent

sizes: $(SNIPPET) $(VISUALIZER) $(WEB) ## what browsers load, packed, beside its limits
	scripts/need node
	node scripts/sizes.mjs

lint: $(SNIPPET) $(VISUALIZER) $(WEB)
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

check: lint ## format, lints, quick tests
	$(CARGO) test --locked -p cairn-model -p cairn-analysis -p cairn-commitlog -p cairn-store

conformance: ## a store against the naive oracle (STORE=embedded|postgres|citus, CASES=, SEED=): random histories, random questions of every kind
	case $(STORE) in embedded) crate=cairn-store;; *) crate=cairn-postgres;; esac
	STORE=$(STORE) CASES=$(CASES) SEED=$(SEED) $(CARGO) test --quiet --release --locked -p $$crate --test conformance

soak: deps $(SNIPPET) $(VISUALIZER) $(WEB) ## the long tests: power cuts, kills, many random cases, a spike, 20M events
	CAIRN_POWER_CUTS=10000 CAIRN_CASES=20000 CAIRN_SELECTOR_CASES=5000 $(CARGO) test --release --locked -p cairn-model -p cairn-commitlog -p cairn-store -- --nocapture
	$(MAKE) conformance
	CAIRN_SOAK=1 $(CARGO) test --release --locked -p cairn-postgres --test store -- --nocapture
	CAIRN_CASES=2000 $(CARGO) test --release --locked -p cairn-server --test it kafka -- --nocapture
	$(CARGO) test --release --locked -p cairn-server --test it spike -- --ignored --nocapture
	CAIRN_KILLS=200 CAIRN_ROUNDS=100 $(CARGO) test --release --locked -p cairn --test kill -- --nocapture
	CAIRN_PROJECTS=1000 $(CARGO) test --release --locked -p cairn --test many -- --nocapture
	$(MAKE) bench-import EVENTS=20000000

bench: ## the inner loops, timed by criterion
	$(CARGO) bench --locked -p cairn-bench --bench micro

bench-capture: build ## CPU of durable capture against a handler that only parses
	$(CARGO) build --release --locked -p cairn-bench
	$(CARGO) run --quiet --release --locked -p cairn-bench --bin capture -- --check

bench-import: build ## import of EVENTS events from Parquet against DuckDB
	bench/peers/setup.sh duckdb
	$(CARGO) build --release --locked -p cairn-bench
	$(CARGO) run --quiet --release --locked -p cairn-bench --bin import -- --events $(EVENTS) --check

bench-compare: build ## questions to Cairn and its peers (EVENTS=, SET=plain|hostile, IDS=random|time, ENGINES=, FLAGS=)
	bench/peers/setup.sh $$(echo $(ENGINES) | tr , ' ')
	$(CARGO) build --release --locked -p cairn-bench
	release=$${CARGO_TARGET_DIR:-target}/release
	bench/data/venv/bin/python bench/peers/compare.py --events $(EVENTS) --set $(SET) --ids $(IDS) --engines $(ENGINES) \
		--generate $$release/generate --cairn $$release/cairn --ask $$release/ask $(FLAGS)

bench-live: build ## capture while Q1 and Q4b run in a loop, on what bench-compare loaded (EVENTS=, SET=, IDS=)
	$(CARGO) build --release --locked -p cairn-bench
	$(CARGO) run --quiet --release --locked -p cairn-bench --bin live -- --set bench/data/$(SET)-$(IDS)-$(EVENTS) $(FLAGS)

bench-web: build deps ## the web app and the visualizer over EVENTS events of the last 90 days: redraws and hover counts
	$(CARGO) build --release --locked -p cairn-bench --bin generate
	release=$${CARGO_TARGET_DIR:-target}/release data=bench/data/web-$(EVENTS)
	if [ ! -e $$data/done ]; then
		rm -rf $$data && mkdir -p $$data
		$$release/generate --events $(EVENTS) --until-now --out $$data/events.parquet --users $$data/users.parquet
		$$release/cairn project add Web --zone UTC --data $$data/cairn
		$$release/cairn import events $$data/events.parquet --data $$data/cairn
		$$release/cairn import users $$data/users.parquet --data $$data/cairn
		touch $$data/done
	fi
	data=$$(realpath $$data/cairn)
	cd tests/browser && CAIRN=$$(realpath $$release/cairn) node speed.mjs $$data

bench-postgres: ## the store in PostgreSQL against statements typed by hand (EVENTS=5000000)
	scripts/need postgresql
	$(CARGO) build --release --locked -p cairn-bench --bin postgres
	$(CARGO) run --quiet --release --locked -p cairn-bench --bin postgres -- --events $(EVENTS) $(FLAGS)

bench-scale: ## bench-compare with 100M events, without PostgreSQL
	$(MAKE) bench-compare EVENTS=100000000 ENGINES=cairn,clickhouse,duckdb FLAGS="--report bench/report-100m.json $(FLAGS)"

audit: ## licences, duplicates and sources of the dependencies (needs cargo-deny)
	command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check licenses bans sources

extension: extension-build ## the PostgreSQL extension, built and installed into a server (PG_CONFIG=)
	extension/build.sh install $(PG_CONFIG)

extension-build:
	PG_CONFIG=$(PG_CONFIG) scripts/need cargo postgresql-headers libclang
	CARGO=$(CARGO) extension/build.sh build $(PG_CONFIG)

extension-lint:
	PG_CONFIG=$(PG_CONFIG) scripts/need cargo postgresql-headers libclang
	cd extension
	$(CARGO) fmt --check
	PGRX_PG_CONFIG_PATH=$(PG_CONFIG) $(CARGO) clippy --release --locked -- -D warnings

extension-conformance: extension-build ## the store in PostgreSQL against the oracle, its kernels run by the extension (PG_CONFIG=, CASES=, SEED=)
	bin=$$(extension/tests/run.py --pg-config $(PG_CONFIG) --into $${TMPDIR:-/tmp}/cairn-conformance)
	EXTENSION=1 POSTGRES_BIN=$$bin CASES=$(CASES) SEED=$(SEED) $(CARGO) test --quiet --locked -p cairn-postgres --test conformance

extension-test: extension-build ## the extension in a server of its own, which leaves the installed one as it is (PG_CONFIG=)
	POSTGRES_BIN=$(dir $(PG_CONFIG)) scripts/need postgresql
	extension/tests/run.py --pg-config $(PG_CONFIG)

clean: ## remove what was built
	rm -rf snippet/dist visualizer/dist web/dist snippet/node_modules visualizer/node_modules web/node_modules tests/browser/node_modules
	$(CARGO) clean
	cd extension && $(CARGO) clean
