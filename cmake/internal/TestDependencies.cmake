# What only Cleave's own tests need: GoogleTest, Catch2 v2 and, where it is there, Catch2 v3.
FetchContent_Declare(GTest
  GIT_REPOSITORY https://github.com/google/googletest.git
  GIT_TAG release-1.12.1
  SYSTEM
  FIND_PACKAGE_ARGS 1.12
)
# The target names of v2 and v3 are equal: the version asked for keeps an installed v3 from answering.
FetchContent_Declare(Catch2
  GIT_REPOSITORY https://github.com/catchorg/Catch2.git
  GIT_TAG v2.13.10
  SYSTEM
  FIND_PACKAGE_ARGS 2.13
)
set(INSTALL_GTEST OFF)
FetchContent_MakeAvailable(GTest Catch2)

# Headers only, as the npm package catch2.cxx ships them. Its implementation is compiled where it is used.
set(CLEAVE_CATCH2_V3_DIR "" CACHE PATH "Folder with catch2/catch_all.hpp of Catch2 v3 as headers (catch2.cxx)")
if(EXISTS "${CLEAVE_CATCH2_V3_DIR}/catch2/catch_all.hpp")
  add_library(cleave_catch2_v3 INTERFACE)
  target_include_directories(cleave_catch2_v3 SYSTEM INTERFACE "${CLEAVE_CATCH2_V3_DIR}")
  target_compile_features(cleave_catch2_v3 INTERFACE cxx_std_17)
else()
  cleave_skip_optional("Catch2 v3" "'./dev setup' installs it, or set CLEAVE_CATCH2_V3_DIR")
endif()

# Programs under test with a sanitizer of their own. In a build that is sanitized as a whole two of them would meet.
set(CLEAVE_TEST_SANITIZERS "")
if(NOT CLEAVE_SANITIZE)
  include(CheckCXXSourceCompiles)
  foreach(sanitizer IN ITEMS address thread)
    set(CMAKE_REQUIRED_FLAGS -fsanitize=${sanitizer})
    check_cxx_source_compiles("int main() {}" CLEAVE_HAS_${sanitizer}_SANITIZER)
    unset(CMAKE_REQUIRED_FLAGS)
    if(CLEAVE_HAS_${sanitizer}_SANITIZER)
      list(APPEND CLEAVE_TEST_SANITIZERS ${sanitizer})
    else()
      cleave_skip_optional("the ${sanitizer} sanitizer of ${CMAKE_CXX_COMPILER}" "install the compiler's runtime libraries")
    endif()
  endforeach()
endif()
