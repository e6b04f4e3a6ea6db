# What Cleave needs: an installed package first, a download as the fall-back. Header-only libraries stay private to the
# static library, so an installed Cleave needs none of them.
include(FetchContent)

# A missing optional part is skipped by name on a developer's machine, but CI must not quietly test less.
function(cleave_skip_optional what how)
  if(DEFINED ENV{CI})
    message(FATAL_ERROR "Cleave: ${what} was not found, and CI must test with it: ${how}")
  endif()
  message(WARNING "Cleave: skipped: ${what} was not found: ${how}")
endfunction()

FetchContent_Declare(nlohmann_json
  GIT_REPOSITORY https://github.com/nlohmann/json.git
  GIT_TAG v3.11.2
  SYSTEM
  FIND_PACKAGE_ARGS 3.9
)
FetchContent_Declare(CLI11
  GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
  GIT_TAG v2.3.2
  SYSTEM
  FIND_PACKAGE_ARGS 2.1
)

# Their install rules would end up in ours; both still have policies from before option() respected a variable.
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
set(JSON_Install OFF)
set(CLI11_INSTALL OFF)
FetchContent_MakeAvailable(nlohmann_json CLI11)

if(CLEAVE_BUILD_TESTS)
  include(${CMAKE_CURRENT_LIST_DIR}/TestDependencies.cmake)
endif()
