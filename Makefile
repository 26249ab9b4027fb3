# The front door. Meson does the work; this file only makes sure that it can, and names the jobs.
BUILD ?= build
ASAN  ?= build-asan
LINT_BUILD ?= build-lint

.PHONY: all demo test bench asan lint format install clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja: meson.build meson_options.txt tools/packages
	tools/bootstrap build
	@[ -f $@ ] || meson setup $(BUILD) --buildtype=release
	@touch $@

# People screened, planned for and answered at home; a skin measured; forecasts beside what published courses reported.
demo: all
	tools/demo $(BUILD)/cit out/demo

test:
	tools/bootstrap build test
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) --buildtype=release
	meson configure $(BUILD) -Dtests=enabled
	ninja -C $(BUILD)
	meson test -C $(BUILD) --print-errorlogs

# Also `make bench BENCH=--million`, `make bench BENCH='--only courses_2e-5'`.
bench:
	tools/bootstrap build bench
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) --buildtype=release
	meson configure $(BUILD) -Dbench=enabled
	ninja -C $(BUILD)
	$(BUILD)/bench/cit-bench $(BENCH) $(BUILD)/bench.csv
	$(BUILD)/bench/cit-bench-diffusion $(BENCH_DIFFUSION) $(BUILD)/bench-diffusion.csv
	$(BUILD)/bench/cit-bench-heights $(BENCH_HEIGHTS) $(BUILD)/bench-heights.csv
	$(BUILD)/bench/cit-bench-tissue $(BENCH_TISSUE) $(BUILD)/bench-tissue.csv
	$(BUILD)/bench/cit-bench-cloudcompare $(BENCH_CLOUDCOMPARE)

asan:
	tools/bootstrap build test
	@[ -f $(ASAN)/build.ninja ] || meson setup $(ASAN) --buildtype=debugoptimized \
	    -Db_sanitize=address,undefined -Db_lundef=false -Dtests=enabled
	ninja -C $(ASAN)
	LSAN_OPTIONS=suppressions=$(CURDIR)/tools/lsan.supp:print_suppressions=0 \
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
	    meson test -C $(ASAN) --print-errorlogs --timeout-multiplier 6

lint:
	tools/bootstrap build test lint
	tools/lint $(LINT_BUILD)

format:
	tools/bootstrap lint
	git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	meson install -C $(BUILD)

clean:
	rm -rf $(BUILD) $(ASAN) $(LINT_BUILD) out
