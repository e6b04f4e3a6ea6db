# The installed tree repeats the layout of the repository under share/cleave (cmake/ beside plugin/), so that the
# module finds the adapters in the same way in both.
include(CMakePackageConfigHelpers)

set(cleave_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Cleave)
set(cleave_share_dir ${CMAKE_INSTALL_DATADIR}/cleave)

install(TARGETS cleave_sharding cleave_fixtures cleave_gtest cleave_catch2
  EXPORT CleaveTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
)
if(TARGET cleave_cli)
  install(TARGETS cleave_cli EXPORT CleaveTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${PROJECT_SOURCE_DIR}/sharding/cli/cleave.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(
    FILES ${PROJECT_SOURCE_DIR}/sharding/cli/task_graph.schema.json ${PROJECT_SOURCE_DIR}/sharding/cli/plan.schema.json
    DESTINATION ${cleave_share_dir}/schema
  )
endif()
if(TARGET cleave_stacks)
  install(TARGETS cleave_stacks EXPORT CleaveTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET cleave_steps)
  # Exported apart, so that Cleave without steps is found where there is no oneTBB.
  install(TARGETS cleave_steps
    EXPORT CleaveStepsTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  )
  install(EXPORT CleaveStepsTargets NAMESPACE Cleave:: DESTINATION ${cleave_config_dir})
endif()
install(EXPORT CleaveTargets NAMESPACE Cleave:: DESTINATION ${cleave_config_dir})
install(FILES ${CLEAVE_PLUGIN_SOURCES_GTEST} DESTINATION ${cleave_share_dir}/plugin/gtest)
install(FILES ${CLEAVE_PLUGIN_SOURCES_CATCH2} DESTINATION ${cleave_share_dir}/plugin/catch2)
install(FILES ${CLEAVE_PLUGIN_SOURCES_ENTRY} DESTINATION ${cleave_share_dir}/plugin/entry)
install(
  FILES
    ${PROJECT_SOURCE_DIR}/cmake/CleaveAddShards.cmake
    ${PROJECT_SOURCE_DIR}/cmake/CleaveArguments.cmake
    ${PROJECT_SOURCE_DIR}/cmake/CleaveEntries.cmake
    ${PROJECT_SOURCE_DIR}/cmake/cleave.schema.json
  DESTINATION ${cleave_share_dir}/cmake
)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/CleaveConfig.cmake.in ${PROJECT_BINARY_DIR}/CleaveConfig.cmake
  INSTALL_DESTINATION ${cleave_config_dir}
  PATH_VARS cleave_share_dir
  NO_CHECK_REQUIRED_COMPONENTS_MACRO
)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/CleaveConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/CleaveConfig.cmake ${PROJECT_BINARY_DIR}/CleaveConfigVersion.cmake
  DESTINATION ${cleave_config_dir}
)
