# What the build needs: an installed package first, a download as the fall-back. An installed Cleave needs nothing.
include(FetchContent)

# A missing optional part is skipped by name on a developer's machine, but CI must not quietly test less.
function(cleave_skip_optional what how)
  if(DEFINED ENV{CI})
    message(FATAL_ERROR "Cleave: ${what} was not found, and CI must test with it: ${how}")
  endif()
  message(WARNING "Cleave: skipped: ${what} was not found: ${how}")
endfunction()

# The command line of the tool `cleave`; without it there is no such tool. A download is only made when asked for, so that
# the library can be built without a network.
option(CLEAVE_FETCH_CLI11 "Download CLI11 for the tool `cleave` when none is installed" OFF)
if(CLEAVE_BUILD_CLI)
  find_package(CLI11 2.1 QUIET)
  if(NOT TARGET CLI11::CLI11 AND CLEAVE_FETCH_CLI11)
    FetchContent_Declare(CLI11
      GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
      GIT_TAG v2.3.2
      SYSTEM
    )
    set(CLI11_INSTALL OFF)
    FetchContent_MakeAvailable(CLI11)
  endif()
  if(NOT TARGET CLI11::CLI11)
    set(cleave_how "install it ('./dev setup' does), or set CLEAVE_FETCH_CLI11")
    if(CLEAVE_BUILD_TESTS)
      cleave_skip_optional("CLI11 for the tool `cleave`" "${cleave_how}")
    else()
      message(STATUS "Cleave: the tool `cleave` is left out: CLI11 was not found: ${cleave_how}")
    endif()
  endif()
endif()

if(CLEAVE_BUILD_TESTS OR TARGET CLI11::CLI11)
  # The tests and the tool read with it. The library depends on nothing: its symbols end up in other people's programs.
  FetchContent_Declare(nlohmann_json
    GIT_REPOSITORY https://github.com/nlohmann/json.git
    GIT_TAG v3.11.2
    SYSTEM
    FIND_PACKAGE_ARGS 3.9
  )
  # Its install rules would end up in ours; it still has policies from before option() respected a variable.
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  set(JSON_Install OFF)
  FetchContent_MakeAvailable(nlohmann_json)
endif()
if(CLEAVE_BUILD_TESTS)
  include(${CMAKE_CURRENT_LIST_DIR}/TestDependencies.cmake)
endif()

# oneTBB is needed by Cleave::steps alone. Where there is none the rest is built: a download is only made when asked for,
# because it is a build of several minutes for a part that may not be wanted.
option(CLEAVE_FETCH_TBB "Download oneTBB for Cleave::steps when none is installed" OFF)
if(NOT TARGET TBB::tbb)
  find_package(TBB 2021 QUIET GLOBAL) # What links Cleave::steps in a project around this one needs the target too.
endif()
if(NOT TARGET TBB::tbb AND CLEAVE_FETCH_TBB)
  FetchContent_Declare(TBB
    GIT_REPOSITORY https://github.com/oneapi-src/oneTBB.git
    GIT_TAG v2021.8.0
    SYSTEM
  )
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  set(TBB_TEST OFF)
  set(TBB_STRICT OFF)
  FetchContent_MakeAvailable(TBB)
endif()
if(NOT TARGET TBB::tbb)
  set(cleave_how "install it ('./dev setup' does), or set CLEAVE_FETCH_TBB")
  if(CLEAVE_BUILD_TESTS)
    cleave_skip_optional("oneTBB for Cleave::steps" "${cleave_how}")
  else()
    message(STATUS "Cleave: Cleave::steps is left out: oneTBB was not found: ${cleave_how}")
  endif()
endif()

# libdw of elfutils, for the program that reads the stacks of crashed and hung tests. There is no download: it is a part of
# the system like the compiler's runtime, and without it gdb or eu-stack do its work where they are installed.
find_path(CLEAVE_LIBDW_INCLUDE elfutils/libdwfl.h)
find_library(CLEAVE_LIBDW dw)
mark_as_advanced(CLEAVE_LIBDW_INCLUDE CLEAVE_LIBDW)
if(CLEAVE_LIBDW_INCLUDE AND CLEAVE_LIBDW)
  add_library(cleave_libdw INTERFACE)
  target_include_directories(cleave_libdw SYSTEM INTERFACE ${CLEAVE_LIBDW_INCLUDE})
  target_link_libraries(cleave_libdw INTERFACE ${CLEAVE_LIBDW})
else()
  set(cleave_how "install libdw-dev ('./dev setup' does)")
  if(CLEAVE_BUILD_TESTS)
    cleave_skip_optional("libdw for the program cleave-stacks" "${cleave_how}")
  else()
    message(STATUS "Cleave: the program cleave-stacks is left out: libdw was not found: ${cleave_how}")
  endif()
endif()
