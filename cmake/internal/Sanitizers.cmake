# Instrumentation is chosen for the whole build by a preset. Every target of ours links cleave_sanitize, so that the
# library, the adapters and the test programs always agree.
set(CLEAVE_SANITIZE "" CACHE STRING "Sanitizers for Cleave's own build: address,undefined or thread; empty for none")
option(CLEAVE_COVERAGE "Instrument Cleave's own build for gcov" OFF)

add_library(cleave_sanitize INTERFACE)
if(CLEAVE_SANITIZE)
  target_compile_options(cleave_sanitize INTERFACE
    -fsanitize=${CLEAVE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(cleave_sanitize INTERFACE -fsanitize=${CLEAVE_SANITIZE})
endif()
if(CLEAVE_COVERAGE)
  # Workers are forked and write the same counters at their ends: without atomic updates some are lost.
  target_compile_options(cleave_sanitize INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(cleave_sanitize INTERFACE --coverage)
endif()
