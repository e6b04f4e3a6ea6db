# The second half of CleaveAddShards.cmake: what cleave_add_shards() does once its arguments are known to be good. The
# functions see the caller's variables target, framework, settings, settings_file and arg_*.

include_guard(GLOBAL)
cmake_policy(VERSION 3.25)

function(_cleave_find_framework target asked result)
  if(asked)
    if(NOT asked MATCHES "^(gtest|catch2)$")
      message(FATAL_ERROR "cleave_add_shards(${target}): FRAMEWORK '${asked}' is not gtest or catch2.")
    endif()
    set(${result} "${asked}" PARENT_SCOPE)
    return()
  endif()

  set(found "")
  set(seen "")
  set(pending "${target}")
  while(pending)
    list(POP_FRONT pending current)
    if(current IN_LIST seen)
      continue()
    endif()
    list(APPEND seen "${current}")
    set(items "")
    foreach(property IN ITEMS LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(value "${current}" ${property})
      if(value)
        list(APPEND items ${value})
      endif()
    endforeach()
    foreach(item IN LISTS items)
      # An item may be a generator expression; every word of it is looked at, as if all conditions held.
      string(REGEX MATCHALL "[A-Za-z0-9_.+/-]+(::[A-Za-z0-9_.+-]+)*" words "${item}")
      foreach(word IN LISTS words)
        if(word MATCHES "^GTest::|^(.*/lib|-l)?(gtest|gmock)|^Cleave::gtest$")
          list(APPEND found gtest)
        elseif(word MATCHES "^(.*/lib|-l)?Catch2|^Cleave::catch2$")
          list(APPEND found catch2)
        elseif(TARGET "${word}")
          list(APPEND pending "${word}")
        endif()
      endforeach()
    endforeach()
  endwhile()
  list(REMOVE_DUPLICATES found)
  list(LENGTH found length)
  if(length EQUAL 0)
    message(FATAL_ERROR "cleave_add_shards(${target}): '${target}' links neither GoogleTest nor Catch2 yet. Call it after "
      "target_link_libraries(), or pass FRAMEWORK gtest or FRAMEWORK catch2.")
  elseif(length GREATER 1)
    message(FATAL_ERROR "cleave_add_shards(${target}): '${target}' links both GoogleTest and Catch2. Pass FRAMEWORK gtest or "
      "FRAMEWORK catch2: the one whose tests its main runs.")
  endif()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

function(_cleave_link_plugin target framework)
  get_target_property(libraries "${target}" LINK_LIBRARIES)
  if(NOT "Cleave::${framework}" IN_LIST libraries)
    # The property, because target_link_libraries() allows only the signature (plain or keyword) that the user chose.
    set_property(TARGET "${target}" APPEND PROPERTY LINK_LIBRARIES Cleave::${framework})
  endif()
  cmake_path(SET adapter NORMALIZE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../plugin/${framework}/adapter.cpp")
  _cleave_keep_alone("${target}" "${adapter}")
  # The adapter is C++17, the headers C++14. The target keeps the standard that it has: to raise it could change the layout
  # of its types against those of the library under test.
  get_target_property(standard "${target}" CXX_STANDARD)
  if(NOT standard)
    set(standard "${CMAKE_CXX_STANDARD_DEFAULT}")
  endif()
  if(NOT standard MATCHES "^(17|20|23|26)$")
    set_source_files_properties("${adapter}" TARGET_DIRECTORY "${target}" PROPERTIES COMPILE_OPTIONS "-std=gnu++17")
  endif()
endfunction()

# The user's precompiled header and unity build know nothing of our sources, nor the other way round.
function(_cleave_keep_alone target source)
  set_source_files_properties("${source}" TARGET_DIRECTORY "${target}" PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON
    SKIP_UNITY_BUILD_INCLUSION ON
    SKIP_AUTOGEN ON
  )
endfunction()

# The program that reads the stacks of tests that crash or hang: of this build or of the package; empty where there is none.
function(_cleave_find_stacks target result)
  set(program "")
  if(TARGET cleave_stacks)
    get_property(program GLOBAL PROPERTY CLEAVE_STACKS_PROGRAM)
    add_dependencies("${target}" cleave_stacks)
  elseif(TARGET Cleave::stacks)
    get_target_property(program Cleave::stacks LOCATION)
  endif()
  set(${result} "${program}" PARENT_SCOPE)
endfunction()

function(_cleave_write_settings target name lines result)
  cmake_path(SET file "${CMAKE_CURRENT_BINARY_DIR}/cleave/${name}.settings")
  _cleave_find_stacks("${target}" stacks)
  if(stacks)
    string(APPEND lines "stacks\t${stacks}\n")
  endif()
  string(CONCAT text
    "cleave-settings 1\n"
    "target\t${target}\n"
    "name\t${name}\n"
    "from\t${CMAKE_CURRENT_LIST_FILE}\n"
    "shards\t${arg_SHARDS}\n"
    "${lines}"
  )
  _cleave_write_if_different("${file}" "${text}")
  set(${result} "${file}" PARENT_SCOPE)

  get_target_property(embedded "${target}" CLEAVE_EMBEDDED)
  if(embedded)
    return()
  endif()
  set(delimiter "cleave")
  string(FIND "${text}" ")${delimiter}\"" at)
  while(NOT at EQUAL -1)
    string(RANDOM LENGTH 16 ALPHABET abcdefghijklmnopqrstuvwxyz RANDOM_SEED ${at} delimiter)
    string(FIND "${text}" ")${delimiter}\"" at)
  endwhile()
  string(CONCAT source
    "// Written by cleave_add_shards(). The binary reads it when it is started by hand.\n"
    "// NOLINTBEGIN\n"
    "#if defined(__GNUC__)\n"
    "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
    "#endif\n"
    "extern \"C\" {\n"
    "extern const char cleave_embedded_settings[];\n"
    "const char cleave_embedded_settings[] = R\"${delimiter}(${text})${delimiter}\";\n"
    "}\n"
    "// NOLINTEND\n"
  )
  _cleave_write_if_different("${file}.cpp" "${source}")
  target_sources("${target}" PRIVATE "${file}.cpp")
  _cleave_keep_alone("${target}" "${file}.cpp")
  set_target_properties("${target}" PROPERTIES CLEAVE_EMBEDDED TRUE)
endfunction()

# An unchanged file keeps its time, so that configuring again builds nothing. file(CONFIGURE) would do the same, but it
# drops what looks like a variable in a pattern.
function(_cleave_write_if_different file text)
  set(before "")
  if(EXISTS "${file}")
    file(READ "${file}" before)
  endif()
  if(NOT before STREQUAL text)
    file(WRITE "${file}" "${text}")
  endif()
endfunction()

# One entry. COST orders them, before anything was measured: what others wait for and what cannot be split goes first.
function(_cleave_add_entry suffix mode cost)
  cmake_parse_arguments(PARSE_ARGV 3 entry "RUNS_TESTS" "" "PROPERTIES")
  set(test "${arg_NAME}.${suffix}")
  set(where "")
  if(NOT arg_WORKING_DIRECTORY STREQUAL "")
    set(where "WORKING_DIRECTORY [========[${arg_WORKING_DIRECTORY}]========]")
  endif()
  cmake_language(EVAL CODE "
    add_test(NAME [========[${test}]========]
      COMMAND [========[${target}]========]
        [========[--cleave-entry=${mode}]========]
        [========[--cleave-settings=${settings_file}]========]
        [========[--cleave-tree=${CMAKE_BINARY_DIR}/cleave/tree]========] ${arg_ARGS}
      ${where}
    )
  ")
  set_tests_properties("${test}" PROPERTIES PROCESSORS 1 COST ${cost} ${entry_PROPERTIES})
  if(entry_RUNS_TESTS)
    set_property(TEST "${test}" APPEND PROPERTY FIXTURES_REQUIRED "${arg_NAME}")
    if(NOT arg_TIMEOUT STREQUAL "")
      set_property(TEST "${test}" PROPERTY TIMEOUT "${arg_TIMEOUT}")
    endif()
  endif()
  if(NOT arg_LABELS STREQUAL "")
    set_property(TEST "${test}" APPEND PROPERTY LABELS ${arg_LABELS})
  endif()

  set(properties "${arg_PROPERTIES}")
  while(NOT properties STREQUAL "")
    list(POP_FRONT properties property value)
    if(property MATCHES "^FIXTURES_(SETUP|CLEANUP)$")
      message(FATAL_ERROR "cleave_add_shards(${target}): PROPERTIES ${property} '${value}': Cleave sets it itself; use "
        "FIXTURES_REQUIRED, or another test.")
    elseif(property MATCHES "^(FIXTURES_REQUIRED|RESOURCE_LOCK|LABELS|ENVIRONMENT|ENVIRONMENT_MODIFICATION)$")
      set_property(TEST "${test}" APPEND PROPERTY ${property} ${value})
    else()
      set_property(TEST "${test}" PROPERTY ${property} "${value}")
    endif()
  endwhile()
endfunction()

function(_cleave_add_entries)
  _cleave_add_entry(begin begin 4000 PROPERTIES FIXTURES_SETUP "${arg_NAME}")
  math(EXPR last "${arg_SHARDS} - 1")
  foreach(shard RANGE ${last})
    # By shard first, so that with few jobs every binary of the tree makes progress from the start.
    math(EXPR cost "3000 - ${shard}")
    _cleave_add_entry(shard-${shard} shard:${shard}/${arg_SHARDS} ${cost} RUNS_TESTS)
  endforeach()
  foreach(lock IN LISTS arg_RESOURCE_LOCK)
    _cleave_add_entry(lock-${lock} lock:${lock} 3500 RUNS_TESTS PROPERTIES RESOURCE_LOCK "${lock}")
  endforeach()
  list(LENGTH arg_RESOURCE_LOCK locks)
  if(locks GREATER 1)
    _cleave_add_entry(locks locks 3600 RUNS_TESTS)
    set_property(TEST "${arg_NAME}.locks" APPEND PROPERTY RESOURCE_LOCK ${arg_RESOURCE_LOCK})
  endif()
  _cleave_add_entry(serial serial 1000 RUNS_TESTS PROPERTIES RUN_SERIAL TRUE)
  _cleave_add_entry(end end 500 PROPERTIES FIXTURES_CLEANUP "${arg_NAME}")
endfunction()
