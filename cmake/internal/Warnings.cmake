# Our own warnings. Linked PRIVATE through $<BUILD_INTERFACE:...>, so that neither users nor third parties get them.
# They become errors by CMAKE_COMPILE_WARNING_AS_ERROR in the presets only: a newer compiler must not break a user.
add_library(cleave_warnings INTERFACE)
target_compile_options(cleave_warnings INTERFACE
  -Wall
  -Wextra
  -Wpedantic
  -Wconversion
  -Wsign-conversion
  -Wshadow
  -Wnon-virtual-dtor
  -Wold-style-cast
  -Woverloaded-virtual
  -Wcast-align
  -Wformat=2
  -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  # GCC 12 warns of "literal" + std::string in its own header (GCC bug 105329), in optimised builds.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
)
