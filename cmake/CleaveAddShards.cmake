# Distributed under the Boost Software License, Version 1.0. See the file LICENSE.

#[=======================================================================[.rst:
CleaveAddShards
---------------

Lets CTest run one GoogleTest or Catch2 binary as process-parallel shards.

.. command:: cleave_add_shards

  Links the Cleave plugin to a test executable and registers a handful of
  CTest entries for it::

    cleave_add_shards(target
                      [FRAMEWORK gtest|catch2]
                      [NAME name]
                      [SHARDS n]
                      [SERIAL pattern...]
                      [LOCK name pattern...]...
                      [RESOURCE_LOCK name...]
                      [PHASE name [pattern...]]...
                      [CONFIG file]
                      [ENVIRONMENT VAR=template...]
                      [TIMEOUT seconds]
                      [TEST_TIMEOUT seconds]
                      [RETRIES n]
                      [FAIL_FAST [k|k%]]
                      [STAGGER seconds]
                      [ISOLATION shard|suite|test]
                      [WORKING_DIRECTORY dir]
                      [ARGS arg...]
                      [LABELS label...]
                      [PROPERTIES name value...])

  Use it instead of ``gtest_discover_tests()`` or ``catch_discover_tests()``,
  after the ``target_link_libraries()`` that names the framework.  Nothing
  runs at build time, and no test name passes through CMake.  Do not use it
  for a target whose tests must each be an entry of their own in CTest, for
  example to be excluded one by one with ``ctest -E``.

  The entries are:

  ``<name>.begin``
    Lists the tests and makes the plan (``FIXTURES_SETUP <name>``).
  ``<name>.shard-0`` to ``<name>.shard-<n-1>``
    Take work from the queue of the run until it is empty.
  ``<name>.lock-<lock>``, ``<name>.locks``
    One for each name in ``RESOURCE_LOCK``, with CTest's own property of that
    name; ``<name>.locks``, for tests that need several of them, exists with
    two names or more.
  ``<name>.serial``
    Runs the tests tagged ``serial`` while nothing else runs (``RUN_SERIAL``).
  ``<name>.end``
    Merges the results and writes the reports (``FIXTURES_CLEANUP <name>``).

  All but the first and the last have ``FIXTURES_REQUIRED <name>``, so that
  CTest adds both to whatever subset is selected.

  Patterns are globs over ``Suite.Name`` (GoogleTest) or over the name of the
  test case (Catch2).

  ``target``
    An executable of this build.  It may be given more than once, each time
    with another ``NAME``; the settings of the first call are those that the
    binary itself uses when it is started by hand.

  ``FRAMEWORK gtest|catch2``
    Which plugin to link.  By default it is found from what the target links,
    directly or through other targets.

  ``NAME name``
    The beginning of the entries' names, and the folder of the reports.  The
    default is the target's name.  It is unique in the whole build.

  ``SHARDS n``
    How many shards to register, 1 to 1024.  A shard that CTest starts late
    finds an empty queue and ends at once, so more than the machine has cores
    do no harm.  The default is the number of logical cores, but at least 8,
    because the machine that tests may be larger than the one that configures.

  ``SERIAL pattern...``
    Tests that run alone.

  ``LOCK name pattern...``
    Tests that hold the lock ``name`` (or ``name:read``, for any number of
    readers) for the time of one test, in whichever shard they run.  May be
    given several times.

  ``RESOURCE_LOCK name...``
    Moves the tests that hold these locks to entries with CTest's property
    ``RESOURCE_LOCK``, for trees where other CTest tests must be kept out too.

  ``PHASE name [pattern...]``
    Tests of a phase, beside those tagged ``phase:name`` in the source.  May
    be given several times: phases follow each other in the order in which
    they are named first.  A test of a later phase starts when all tests of
    the phase before it have passed; when they have not, or not within 30
    minutes, it is reported as "not run".  Tests without a phase run at any
    time.

  ``CONFIG file``
    A JSON file, relative to the current source directory, with phases and
    their time limits, tags by pattern, quarantine and more; the README shows
    one, and ``cleave.schema.json`` beside this module describes it.  It is
    read when the tests run, so that a change needs no new configuration.
    What the call itself states wins over the file.

  ``ENVIRONMENT VAR=template...``
    Variables for each test process, with ``{prefix}``, ``{tmpdir}``,
    ``{shard}`` or ``{port:NAME}`` replaced.  For variables with one value for
    all, use ``PROPERTIES ENVIRONMENT``.

  ``TIMEOUT seconds``
    CTest's limit for each entry that runs tests.

  ``TEST_TIMEOUT seconds``
    The limit for one test; a unit may follow (``250ms``, ``2s``, ``1m``).

  ``RETRIES n``
    How often a test that failed is run again, 0 to 100; one that passes then
    is reported as flaky.

  ``FAIL_FAST [k|k%]``
    Stops all shards after the first red test, after ``k`` of them, or after
    that share of the tests selected.

  ``STAGGER seconds``
    How far apart shards start; a unit may follow (``100ms``).

  ``ISOLATION shard|suite|test``
    How much one worker process runs.

  ``WORKING_DIRECTORY dir``
    Where the entries run; the default is the current binary directory.

  ``ARGS arg...``
    Further arguments for the binary, for example ``--gtest_filter=-Slow*``.

  ``LABELS label...``
    Labels of all entries.

  ``PROPERTIES name value...``
    Further properties of all entries; the last keyword, because all that
    follows is pairs.  ``FIXTURES_REQUIRED``,
    ``RESOURCE_LOCK``, ``LABELS`` and ``ENVIRONMENT`` add to what Cleave sets;
    ``FIXTURES_SETUP`` and ``FIXTURES_CLEANUP`` are Cleave's own.

  .. versionadded:: 0.1

  .. note::

    The plugin is linked with ``--wrap=main`` and its adapter, one source
    file, is compiled as a part of the target.  A wrong ``SERIAL``, ``LOCK``
    or ``PHASE`` pattern cannot be seen at configure time: ``<name>.begin`` tells of
    patterns that cover no test.

  Example:

  .. code-block:: cmake

    add_executable(store_tests store_test.cpp)
    target_link_libraries(store_tests PRIVATE GTest::gtest_main)
    cleave_add_shards(store_tests SERIAL "Shutdown*" LOCK db "Schema.*")
#]=======================================================================]

include_guard(GLOBAL)
# Functions keep the policies they are defined with: ours, not those of an old project that uses us.
cmake_policy(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/CleaveArguments.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/CleaveEntries.cmake)

define_property(TARGET PROPERTY CLEAVE_EMBEDDED
  BRIEF_DOCS "The settings of a cleave_add_shards() call are compiled into this target."
)

function(cleave_add_shards target)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    message(FATAL_ERROR "cleave_add_shards: Cleave needs Linux: this build targets '${CMAKE_SYSTEM_NAME}'.")
  endif()
  _cleave_check_target("${target}")

  # Arguments are read one by one through ARGV<i>: a list would break at the ';' and '[' of test names. The values of
  # ARGS are kept as bracket arguments for the same reason.
  set(once FRAMEWORK NAME SHARDS CONFIG TIMEOUT TEST_TIMEOUT RETRIES FAIL_FAST STAGGER ISOLATION WORKING_DIRECTORY)
  set(many SERIAL LOCK RESOURCE_LOCK PHASE ENVIRONMENT ARGS LABELS PROPERTIES)
  foreach(keyword IN LISTS once many)
    set(arg_${keyword} "")
  endforeach()
  set(arg_NAME "${target}")
  set(given "")
  set(settings "")
  set(keyword "")
  set(values 0)
  set(i 1)
  while(i LESS ARGC)
    set(value "${ARGV${i}}")
    math(EXPR i "${i} + 1")
    set(new_keyword TRUE)
    if(keyword STREQUAL "PROPERTIES")
      # Some names are both, a keyword and a property, so after PROPERTIES only the place in the pair decides.
      math(EXPR is_value "${values} % 2")
      if(is_value OR value MATCHES "^(ENVIRONMENT|LABELS|RESOURCE_LOCK|TIMEOUT|WORKING_DIRECTORY)$")
        set(new_keyword FALSE)
      elseif(value IN_LIST once OR value IN_LIST many)
        message(FATAL_ERROR "cleave_add_shards(${target}): ${value} follows PROPERTIES, which must be the last keyword.")
      endif()
    endif()
    if(new_keyword AND (value IN_LIST once OR value IN_LIST many))
      _cleave_check_count("${target}" "${keyword}" ${values})
      set(keyword "${value}")
      set(values 0)
      if(keyword IN_LIST once AND keyword IN_LIST given)
        message(FATAL_ERROR "cleave_add_shards(${target}): ${keyword} is given twice; it is legal once.")
      endif()
      list(APPEND given ${keyword})
      continue()
    endif()

    math(EXPR values "${values} + 1")
    if(keyword STREQUAL "" OR (keyword IN_LIST once AND values GREATER 1))
      list(JOIN once " " once)
      list(JOIN many " " many)
      message(FATAL_ERROR "cleave_add_shards(${target}): '${value}' is no keyword. Legal are: ${once} ${many}.")
    endif()
    if(keyword MATCHES "^(NAME|SERIAL|LOCK|RESOURCE_LOCK|PHASE|ENVIRONMENT)$")
      _cleave_check_text("${target}" ${keyword} "${value}")
    endif()
    if(keyword IN_LIST once)
      set(arg_${keyword} "${value}")
    elseif(keyword STREQUAL "SERIAL")
      string(APPEND settings "serial\t${value}\n")
    elseif(keyword STREQUAL "LOCK" AND values EQUAL 1)
      _cleave_check_word("${target}" LOCK "${value}")
      set(lock "${value}")
    elseif(keyword STREQUAL "LOCK")
      string(APPEND settings "lock\t${lock}\t${value}\n")
    elseif(keyword STREQUAL "RESOURCE_LOCK")
      _cleave_check_word("${target}" RESOURCE_LOCK "${value}")
      string(APPEND settings "resource-lock\t${value}\n")
      list(APPEND arg_RESOURCE_LOCK "${value}")
    elseif(keyword STREQUAL "PHASE" AND values EQUAL 1)
      _cleave_check_word("${target}" PHASE "${value}")
      set(phase "${value}")
      string(APPEND settings "phase\t${phase}\n")
    elseif(keyword STREQUAL "PHASE")
      string(APPEND settings "phase-tests\t${phase}\t${value}\n")
    elseif(keyword STREQUAL "ENVIRONMENT")
      if(NOT value MATCHES "^[A-Za-z_][A-Za-z0-9_]*=")
        message(FATAL_ERROR "cleave_add_shards(${target}): ENVIRONMENT '${value}' is not VAR=template, with a VAR of "
          "letters, digits and '_'.")
      endif()
      string(APPEND settings "environment\t${value}\n")
    elseif(keyword STREQUAL "ARGS")
      string(APPEND arg_ARGS " [========[${value}]========]")
    else()
      string(REPLACE ";" "\\;" value "${value}")
      list(APPEND arg_${keyword} "${value}")
    endif()
  endwhile()
  _cleave_check_count("${target}" "${keyword}" ${values})

  _cleave_check_name("${target}" "${arg_NAME}")
  _cleave_check_numbers()
  list(REMOVE_DUPLICATES arg_RESOURCE_LOCK)

  _cleave_find_framework("${target}" "${arg_FRAMEWORK}" framework)
  _cleave_link_plugin("${target}" ${framework})
  _cleave_write_settings("${target}" "${arg_NAME}" "${settings}" settings_file)
  _cleave_add_entries()
endfunction()
