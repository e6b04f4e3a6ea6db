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
