# Memorable verbs; CMakePresets.json has the facts. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
ASSAY := build/release/assay

# Debian 12 package names. Checked by name; nothing is done when all are there.
PACKAGES := g++ cmake ninja-build pkg-config ccache git ca-certificates \
  libboost1.81-dev libsqlite3-dev nlohmann-json3-dev libbenchmark-dev doctest-dev libtorch-dev \
  libopenblas0-openmp libcli11-dev libfmt-dev libfccp-dev libseccomp-dev libssl-dev zlib1g-dev libzstd-dev \
  libcpp-httplib-dev libcurl4-openssl-dev python3 python3-dev python3-numpy python3-pycodestyle python3-mccabe
# Node.js of any origin will do for the report's charts; where there is none, Debian's.
ifeq ($(shell command -v npm),)
PACKAGES += nodejs npm
endif
# Only `make package` needs these.
PACKAGING := dpkg-dev file
# Only the tests and the benchmarks need these.
TEST_PACKAGES := chromium python3-torch python3-pytest python3-yaml bubblewrap clang-format clang libclang-rt-14-dev golang-go rustc \
  default-jdk-headless golang-github-stretchr-testify-dev libjavatuples-java slurmd slurmctld slurm-client munge \
  jq sqlite3 python3-pandas r-base-core groff-base zsh fish $(PACKAGING)
ifeq ($(wildcard /usr/bin/node /usr/local/bin/node),)
TEST_PACKAGES += nodejs
endif

.PHONY: help deps test-deps package-deps build program test demo bench format lint asan tsan fuzz oracle stability chat-answers kills soak languages figures gallery install install-only package docs clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

define install_packages
@missing=$$(for p in $(1); do \
    [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || echo $$p; done); \
if [ -n "$$missing" ]; then echo "installing, which may take minutes:" $$missing; \
  $(SUDO) apt-get update -qq; \
  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

deps: ## Installs what the build needs, by Debian package name
	$(call install_packages,$(PACKAGES))

test-deps: deps ## ... and what the tests and benchmarks need besides
	$(call install_packages,$(TEST_PACKAGES))

package-deps: deps
	$(call install_packages,$(PACKAGING))

build: deps ## Builds build/release/assay, the tests and the benchmarks
	@cmake --preset release $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset release -j $(JOBS)

program: deps ## Builds what `make install` installs, and no test
	@cmake --preset release $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset release -j $(JOBS) --target assay_installed

test: test-deps build ## Runs every test, two at a time
	@ctest --preset release -j 2

demo: program ## The whole way on the built-in benchmark, ending with a report
	@$(ASSAY) demo -o build/demo

bench: test-deps build ## Benchmarks, each beside a rival
	@cmake --build --preset release -j $(JOBS) --target sandbox_bench stats_bench simulator_bench
	@build/release/sandbox_bench
	@build/release/stats_bench
	@build/release/simulator_bench

fuzz: test-deps ## A bounded fuzzing run of what parses the judged side's bytes and users' files
	@cmake --preset fuzz $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset fuzz -j $(JOBS) --target frames_fuzz rows_fuzz codec_fuzz
	@ctest --test-dir build/fuzz -R _fuzz -V -j 2 | grep -E 'cov:|stat::number|ERROR|SUMMARY|Test +#|tests passed' | grep -vE 'NEW|REDUCE|pulse'

asan: test-deps ## The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@cmake --preset asan $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset asan -j $(JOBS) --target assay_tests
	@ctest --preset asan -R '^unit' -j 2

# `unit` itself starts no thread.
tsan: test-deps ## The unit tests of all that runs in threads under ThreadSanitizer
	@cmake --preset tsan $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset tsan -j $(JOBS) --target assay_tests
	@ctest --preset tsan -R '^unit_' -j 2

oracle: program ## Our verdicts against EvalPlus's own, verdict by verdict
	@tests/oracle.py $(ASSAY)

stability: program ## The same samples judged idle and on a busy machine
	@tests/stability.py $(ASSAY)

chat-answers: program ## 2,000 right programs in the forms in which models answer, each to be found again
	@tests/chat_answers.py $(ASSAY)

kills: program ## 200 runs with a process of theirs killed at a random moment, each resumed
	@tests/kills.py $(ASSAY)

soak: program ## 100,000 requests to the service, with kills, disconnects and malformed bodies
	@python3 tests/bench/soak_service.py $(ASSAY)

languages: program ## One model in C++, JavaScript and Python: curves, agreement with outside verdicts, cost beside plain processes
	@python3 tests/bench/languages.py $(ASSAY) build/languages

figures: program ## docs/figures.md, the paper's figures from our verdicts (DB=assay.db)
	@python3 reports/figures.py $(ASSAY) $(or $(DB),assay.db) build/release/page/node_modules docs/figures.md

gallery: program ## Reports of several kinds and a page that links them, in build/gallery (with ASSAY_DATA six, in minutes)
	@python3 reports/gallery.py $(ASSAY) build/gallery

SOURCES = $(shell git ls-files '*.h' '*.cpp' '*.c')

format: ## Formats the sources
	@clang-format -i $(SOURCES)

lint: test-deps ## Checks formatting
	@clang-format --dry-run -Werror $(SOURCES)

install: program install-only ## Installs the program, its manual and the sandbox library (PREFIX=/usr/local, DESTDIR=)

install-only:
	@rm -f $(or $(BUILD),build/release)/install_manifest.txt  # root's, after sudo
	@DESTDIR=$(DESTDIR) cmake --install $(or $(BUILD),build/release) --prefix $(or $(PREFIX),/usr/local) || \
	  { echo "Where $(or $(PREFIX),/usr/local) is not yours to write: sudo make install-only" >&2; exit 1; }

package: package-deps program ## Debian packages of that, in build/packages
	@cpack --config build/release/CPackConfig.cmake -B build/packages

docs: program ## docs/commands from the program's own help
	@$(ASSAY) manual build/manual
	@rm -rf docs/commands && cp -r build/manual/markdown docs/commands

clean: ## Removes what was built
	@rm -rf build
