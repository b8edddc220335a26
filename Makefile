# The commands of the README. Needs Rust, make and Python 3; scripts/mongod.sh finds or fetches MongoDB.

.PHONY: help demo run test lint bench chaos fuzz dist deb image packages

## This list.
help:
	@awk '/^## /{about = substr($$0, 4)} /^[a-z]+:/{split($$0, name, ":"); printf "make %-9s %s\n", name[1], about}' Makefile

## A private MongoDB with a small workspace and the service on 127.0.0.1:3000 (or `make demo PORT=…`), until Ctrl-C.
demo:
	MONGOD="$$(scripts/mongod.sh)" && export MONGOD && exec cargo run -- demo $(if $(PORT),--port $(PORT))

## The service on the database of MONGO_URL.
run:
	cargo run --release -- serve

## Everything that is needed for every test, and all tests.
test:
	MONGOD="$$(scripts/mongod.sh)" && export MONGOD && cargo test --doc && cargo test --lib --bins --tests

## Formatting, lints and documentation, warnings denied.
lint:
	cargo fmt --check
	cargo clippy --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" cargo doc --no-deps --document-private-items

## The end-to-end benchmark: one table, and target/tmp/bench.json.
bench:
	MONGOD="$$(scripts/mongod.sh)" && export MONGOD && cargo bench --bench end_to_end

## Faults on three real mongods, over many seeds, about two minutes each: make chaos SEEDS=20
SEEDS ?= 20
chaos:
	MONGOD="$$(scripts/mongod.sh)" && export MONGOD && CHAOS_SEEDS=1-$(SEEDS) CHAOS_SECONDS=$${CHAOS_SECONDS:-120} \
		cargo test --test chaos -- --nocapture

## Coverage-guided fuzzing of every door for input, so many seconds each. Needs cargo-fuzz and g++; stable Rust will do.
SECONDS ?= 60
fuzz:
	for target in $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs))); do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $$target -- -max_total_time=$(SECONDS) -max_len=4096 || exit 1; done

## The static program in tarballs, for x86-64 and 64-bit ARM, in target/dist: make dist ARCH=x86_64
dist:
	scripts/dist.sh $(ARCH)

## The Debian package of the static program, in target/dist; for both with ARCH="x86_64 aarch64"
deb:
	scripts/deb.sh $(ARCH)

## The container image of the static program that make dist or make deb has built. Needs docker or buildah.
image:
	scripts/image.sh

## Tests of the package that make deb has built, and of an image of the same program: root, lintian, debootstrap, systemd-nspawn, buildah.
packages:
	scripts/test-deb.sh
	scripts/test-image.sh
