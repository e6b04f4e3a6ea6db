# What the build needs: an installed package first, a download as the fall-back. An installed Cleave needs nothing.
include(FetchContent)

# A missing optional part is skipped by name on a developer's machine, but CI must not quietly test less.
function(cleave_skip_optional what how)
  if(DEFINED ENV{CI})
    message(FATAL_ERROR "Cleave: ${what} was not found, and CI must test with it: ${how}")
  endif()
  message(WARNING "Cleave: skipped: ${what} was not found: ${how}")
endfunction()

if(CLEAVE_BUILD_TESTS)
  # The tests read reports with it. The library itself depends on nothing: its symbols end up in other people's programs.
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
