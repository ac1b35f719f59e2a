# cmake --install build/release --prefix DIR [--component run|sdk]
# run: the program, its plugins, the manual page. sdk: what plugin authors build and check against.
get_property(_plugins GLOBAL PROPERTY HEARBACK_PLUGINS)
set_target_properties(hearback hearback-worker hearback-check PROPERTIES
  INSTALL_RPATH "$ORIGIN/../lib/hearback")
install(TARGETS hearback hearback-worker RUNTIME DESTINATION bin COMPONENT run)
# The programs' own: nobody else links with it.
install(TARGETS hearback_schemas LIBRARY DESTINATION lib/hearback COMPONENT run NAMELINK_SKIP)
install(TARGETS ${_plugins} LIBRARY DESTINATION lib/hearback/plugins COMPONENT run)
# Of the files as they were installed, whose paths to libraries differ from those of the build.
install(CODE [[
  set(_plugins $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/hearback/plugins)
  execute_process(COMMAND sh -c "sha256sum *.so > plugins.sha256" WORKING_DIRECTORY ${_plugins}
                  COMMAND_ERROR_IS_FATAL ANY)
]] COMPONENT run)
install(CODE [[
  set(_man ${CMAKE_INSTALL_PREFIX}/share/man/man1)
  file(MAKE_DIRECTORY $ENV{DESTDIR}${_man})
  execute_process(COMMAND $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/bin/hearback man
                  OUTPUT_FILE $ENV{DESTDIR}${_man}/hearback.1 COMMAND_ERROR_IS_FATAL ANY)
]] COMPONENT run)
install(TARGETS hearback-check RUNTIME DESTINATION bin COMPONENT sdk)
install(DIRECTORY plugin-sdk/include/ DESTINATION include COMPONENT sdk)
install(DIRECTORY schemas/hearback DESTINATION share/hearback/schemas COMPONENT sdk)
install(DIRECTORY plugin-sdk/rust DESTINATION share/hearback COMPONENT sdk)
install(DIRECTORY plugin-sdk/templates/ DESTINATION share/hearback/templates COMPONENT sdk
        PATTERN .clang-format EXCLUDE)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/HearbackSDKConfigVersion.cmake
                                 COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES plugin-sdk/cmake/HearbackSDKConfig.cmake plugin-sdk/cmake/HearbackAddPlugin.cmake
              plugin-sdk/cmake/plugin.exports ${CMAKE_BINARY_DIR}/HearbackSDKConfigVersion.cmake
        DESTINATION lib/cmake/HearbackSDK COMPONENT sdk)
