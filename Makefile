# ngx_http_ccproxy_module: build, run, test.  `make help` lists the targets.
#
# Settings:  PORT=3456            where `make run` listens
#            NGINX=nginx          the binary that run and tests start
#            NGINX_SRC=dir        source tree to build against (default: Debian's nginx-dev)
#            BUILD=release        release, debug or sanitize
#            CC=cc
#            PREFIX=/usr          where `make install` puts the launcher

SHELL       = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DEFAULT_GOAL = help

PORT       ?= 3456
NGINX      ?= $(firstword $(wildcard /usr/sbin/nginx) nginx)
BUILD      ?= release
PREFIX     ?= /usr
B           = build
M           = ngx_http_ccproxy_module

CODEC_C     = $(wildcard $(M)/codec/*/*.c)
POOL_C      = $(wildcard $(M)/pool/*.c)
STORE_C     = $(wildcard $(M)/store/*.c)
GLUE_C      = $(wildcard $(M)/nginx/*.c $(M)/nginx/*/*.c)
HEADERS     = $(wildcard $(M)/*/*.h $(M)/*/*/*.h)
MODULE      = $(B)/ngx_http_ccproxy_module.so

WARN        = -std=gnu11 -Wall -Wextra -Werror
INCLUDE     = -I$(M)
LIBS        = -ljansson -lpcre2-8

# content encodings: what there are headers for, as `config` finds out for nginx
found       = $(shell echo '\#include <$(1)>' | $(CC) -E -x c - >/dev/null 2>&1 && echo $(2))
UNPACK     := $(call found,zlib.h,-DCCP_ZLIB=1) $(call found,brotli/decode.h,-DCCP_BROTLI=1) \
              $(call found,zstd.h,-DCCP_ZSTD=1)
INCLUDE    += $(UNPACK)
LIBS       += $(if $(findstring ZLIB,$(UNPACK)),-lz) $(if $(findstring BROTLI,$(UNPACK)),-lbrotlidec) \
              $(if $(findstring ZSTD,$(UNPACK)),-lzstd)
SANITIZE    = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

UNIT_LIB    = $(B)/unit/libccp.a
UNIT_UT     = $(wildcard t/unit/ut*.c t/unit/*/ut*.c)
UNIT_UT_H   = $(wildcard t/unit/ut*.h t/unit/*/ut*.h)
UNIT_UT_LIB = $(B)/unit/libut.a
UNIT_UT_OBJ = $(UNIT_UT:t/unit/%.c=$(B)/unit/ut/%.o)
UNIT_C      = $(wildcard t/unit/*/test_*.c)
UNIT_BIN    = $(patsubst %.c,$(B)/unit/%,$(notdir $(UNIT_C)))
UNIT_OBJ    = $(CODEC_C:$(M)/codec/%.c=$(B)/unit/codec/%.o) $(POOL_C:$(M)/pool/%.c=$(B)/unit/pool/%.o) \
              $(STORE_C:$(M)/store/%.c=$(B)/unit/store/%.o)

# a copy of the codec with one more protocol, t/unit/sixth
SIXTH       = -D'CCP_MORE_PROTOCOLS(P)=P(TELEX, telex, 116)'
SIXTH_LIB   = $(B)/sixth/libccp.a
SIXTH_OBJ   = $(CODEC_C:$(M)/codec/%.c=$(B)/sixth/%.o)

CONVERT_OBJ = $(CODEC_C:$(M)/codec/%.c=$(B)/convert/%.o)

TIME_OBJ    = $(CODEC_C:$(M)/codec/%.c=$(B)/time/codec/%.o)

# which headers an object was made from, as the compiler wrote it down
-include $(UNIT_OBJ:.o=.d) $(SIXTH_OBJ:.o=.d) $(UNIT_UT_OBJ:.o=.d) $(CONVERT_OBJ:.o=.d) $(TIME_OBJ:.o=.d)

# nginx itself takes a variable of this name for inherited sockets
unexport NGINX

.PHONY: help setup build run test unit test-nginx test-replay test-docs test-time test-cost test-clients test-types test-model \
        test-packages conformance webpages lint format asan valgrind bench profile fuzz convert install deb clean

help:            ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:           ## install the Debian packages that are missing
	@scripts/setup.sh all

build:           ## build/ngx_http_ccproxy_module.so for the nginx that is installed
	@scripts/setup.sh build
	@$(MAKE) --no-print-directory $(MODULE)

# What the module was built for: it is built anew for another nginx, or in
# another way, and what is packed and installed fits the nginx of today.
SETTINGS    = $(B)/settings
settings    = printf '%s\n' 'NGINX_SRC=$(NGINX_SRC) BUILD=$(BUILD) CC=$(CC)' && { $(NGINX) -V 2>&1 || true; }

$(SETTINGS): FORCE
	@mkdir -p $(B)
	@{ $(settings); } | cmp -s - $@ || { $(settings); } >$@

FORCE:

$(MODULE): config $(CODEC_C) $(POOL_C) $(STORE_C) $(GLUE_C) $(HEADERS) scripts/build.sh $(SETTINGS)
	BUILD=$(BUILD) CC="$(CC)" scripts/build.sh $(B)/module
	cp $(B)/module/ngx_http_ccproxy_module.so $@.new && mv $@.new $@

run: build       ## serve 127.0.0.1:$(PORT) in the foreground
	@PORT=$(PORT) NGINX=$(NGINX) scripts/ccproxy serve

# ---- tests ----

test: build      ## all tests but those of the real clients
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory -j$$(nproc) unit
	@$(MAKE) --no-print-directory test-nginx
	@$(MAKE) --no-print-directory test-replay
	@$(MAKE) --no-print-directory test-docs
	@$(MAKE) --no-print-directory test-time
	@$(MAKE) --no-print-directory test-cost

unit: $(UNIT_BIN) ## unit tests of codec and pool, under ASan and UBSan
	@scripts/calls.py $(B)/unit
	@prove --merge --failures -Q -j$$(nproc) -e '' $(UNIT_BIN)

test-nginx: $(MODULE) ## t/*.t through a real nginx
	TEST_NGINX_BINARY=$(NGINX) MODULE=$(abspath $(MODULE)) scripts/prove.sh

test-replay: $(MODULE) $(B)/replay/said ## every recorded answer through a real nginx
	B=$(B) NGINX=$(NGINX) t/replay/run.sh

test-time: $(B)/time/time ## what each repeatable element costs at n and 2n
	@$(B)/time/time t/time/elements.txt

test-cost: $(B)/cost/cost ## instructions of each conversion against those recorded
	@t/cost/cost.py $(B)

test-docs: $(MODULE) $(B)/ccproxy-convert ## the pages' tables against the code, conf/, launcher, import, units through nginx
	CONVERT=$(CURDIR)/$(B)/ccproxy-convert scripts/table.py --check
	scripts/prices.py --check
	PORT=19350 NGINX=$(NGINX) scripts/conf.sh $(CURDIR)/$(MODULE)
	PORT=19360 NGINX=$(NGINX) t/launcher.sh $(MODULE)
	NGINX=$(NGINX) t/import/run.sh $(MODULE)
	PORT=19365 NGINX=$(NGINX) t/systemd.sh $(MODULE)
	t/kubernetes.py $(B)
	PORT=19370 NGINX=$(NGINX) t/monitoring.py $(MODULE)

test-clients: build ## real CLIs and SDKs through a real nginx (needs npm)
	@scripts/setup.sh test
	NGINX=$(NGINX) t/clients/launcher.sh
	NGINX=$(NGINX) t/clients/run.sh
	NGINX=$(NGINX) t/clients/held.sh

test-model: build ## the clients' SDKs against llama.cpp's server, where its packages are
	NGINX=$(NGINX) t/model/run.sh

test-types: $(B)/types/answers ## all answers against the official SDKs' types (needs npm)
	B=$(B) t/types/run.sh

conformance: build ## the Open Responses suite, where OPENRESPONSES_DIR holds its source (needs npm)
	NGINX=$(NGINX) t/conformance/run.sh

$(B)/unit/codec/%.o: $(M)/codec/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O1 -g $(SANITIZE) -DCCP_DEBUG_ARENA=1 $(INCLUDE) -c $< -o $@

$(B)/unit/pool/%.o: $(M)/pool/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O1 -g $(SANITIZE) $(INCLUDE) -c $< -o $@

$(B)/unit/store/%.o: $(M)/store/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O1 -g $(SANITIZE) $(INCLUDE) -c $< -o $@

$(UNIT_LIB): $(UNIT_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(B)/unit/ut/%.o: t/unit/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O1 -g $(SANITIZE) $(INCLUDE) -It/unit -c $< -o $@

$(UNIT_UT_LIB): $(UNIT_UT_OBJ)
	@rm -f $@
	@ar rcs $@ $^

# a program's name does not tell its room
vpath test_%.c $(sort $(dir $(UNIT_C)))

$(B)/unit/test_%: test_%.c $(UNIT_UT_H) $(UNIT_UT_LIB) $(UNIT_LIB)
	@echo "  CC $@"
	@$(CC) $(WARN) -O1 -g $(SANITIZE) $(INCLUDE) -It/unit $< $(UNIT_UT_LIB) $(UNIT_LIB) $(LIBS) -o $@

$(B)/sixth/%.o: $(M)/codec/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O0 -g $(SANITIZE) $(SIXTH) $(INCLUDE) -c $< -o $@

$(SIXTH_LIB): $(SIXTH_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(B)/unit/test_sixth: t/unit/sixth/test_sixth.c t/unit/sixth/telex.c $(UNIT_UT_H) $(UNIT_UT_LIB) $(SIXTH_LIB)
	@echo "  CC $@"
	@$(CC) $(WARN) -O0 -g $(SANITIZE) $(SIXTH) $(INCLUDE) -It/unit $(filter %.c,$^) $(UNIT_UT_LIB) $(SIXTH_LIB) $(LIBS) -o $@

$(B)/replay/said: t/replay/said.c $(UNIT_UT_H) $(UNIT_UT_LIB) $(UNIT_LIB)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -O1 -g $(SANITIZE) $(INCLUDE) -It/unit $< $(UNIT_UT_LIB) $(UNIT_LIB) $(LIBS) -o $@

$(B)/types/answers: t/types/answers.c $(CONVERT_OBJ)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -O2 -g $(INCLUDE) $^ $(LIBS) -o $@

# Basic blocks are counted in the codec, not in what drives it.
$(B)/time/codec/%.o: $(M)/codec/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O2 -g -fsanitize-coverage=trace-pc $(INCLUDE) -c $< -o $@

$(B)/time/time: $(wildcard t/time/*.[ch]) $(TIME_OBJ)
	@echo "  CC $@"
	@$(CC) $(WARN) -O2 -g -fno-builtin -fno-tree-loop-distribute-patterns $(INCLUDE) -It/time $(filter %.c %.o,$^) $(LIBS) -o $@

$(B)/cost/cost: t/cost/cost.c $(CONVERT_OBJ)
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -O2 -g $(INCLUDE) $^ $(LIBS) -o $@

asan:            ## t/*.t with nginx and module under AddressSanitizer and UBSan
	@scripts/setup.sh all
	src=$$(scripts/source.sh $(B)/source) && NGINX_SRC=$$src BUILD=sanitize CC="$(CC)" \
	    scripts/build.sh $(B)/asan static
	TEST_NGINX_BINARY=$(abspath $(B))/asan/nginx CCPROXY_STATIC=1 scripts/prove.sh t/*.t

valgrind: $(MODULE) ## unit tests and t/*.t under valgrind
	@scripts/setup.sh all
	B=$(B) scripts/valgrind.sh

fuzz:            ## each fuzz target for SECONDS (default 30) seconds
	t/fuzz/run.sh $(SECONDS)

bench: build     ## CPU against plain proxy_pass in the same run
	scripts/bench/run.sh

profile: $(B)/cost/cost ## instructions of each conversion, by function (ROWS=word takes some)
	@t/cost/cost.py $(B) --functions $(ROWS)

webpages:        ## the pages' headers from nginx/pages/page
	scripts/webpages.py --write

lint:            ## warnings of gcc, clang and cppcheck; rules of the folders
	scripts/lint.sh

format:          ## white space at line ends, tabs (the style itself is kept by hand)
	scripts/lint.sh --fix

# ---- products ----

convert: $(B)/ccproxy-convert ## build/ccproxy-convert, the codec on the command line

$(B)/ccproxy-convert: scripts/convert.c $(CONVERT_OBJ)
	@echo "  CC $@"
	@$(CC) $(WARN) -O2 -g $(INCLUDE) $^ $(LIBS) -o $@

$(B)/convert/%.o: $(M)/codec/%.c
	@mkdir -p $(@D)
	@echo "  CC $@"
	@$(CC) $(WARN) -MMD -MP -O2 -g $(INCLUDE) -c $< -o $@

install: build   ## copy module and launcher to where nginx and the shell look
	install -D -m 644 $(MODULE) $(DESTDIR)/usr/lib/nginx/modules/ngx_http_ccproxy_module.so
	install -D -m 755 scripts/ccproxy $(DESTDIR)$(PREFIX)/bin/ccproxy
	install -D -m 644 scripts/providers $(DESTDIR)$(PREFIX)/share/ccproxy/providers
	install -D -m 755 scripts/import $(DESTDIR)$(PREFIX)/share/ccproxy/import
	install -D -m 755 scripts/transcript $(DESTDIR)$(PREFIX)/share/ccproxy/transcript
	@echo "add to nginx.conf:  load_module modules/ngx_http_ccproxy_module.so;"

deb: build       ## build/*.deb with the module for the nginx that is installed
	scripts/deb.sh

test-packages:   ## package in roots of Debian 12 and 13, image by buildah (needs root, debootstrap)
	scripts/package-test.sh
	scripts/image-test.sh

clean:           ## remove what was built
	rm -rf $(B) t/servroot t/servroot_*
