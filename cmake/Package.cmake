# cpack -B DIR --config build/release/CPackConfig.cmake
# hearback_VERSION_ARCH.deb: the program, its worker, its plugins. hearback-sdk_…: what plugins are
# built and checked with.
foreach(package hearback hearback-sdk)
  set(component run)
  if(package STREQUAL "hearback-sdk")
    set(component sdk)
  endif()
  install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION share/doc/${package} RENAME copyright
          COMPONENT ${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hearback)
set(CPACK_PACKAGE_VENDOR Hearback)
set(CPACK_PACKAGE_CONTACT "Hearback maintainers <maintainers@hearback.example>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)
set(CPACK_COMPONENTS_ALL run sdk)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/schemas)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_RUN_PACKAGE_NAME hearback)
set(CPACK_DEBIAN_RUN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_RUN_DESCRIPTION "Brings in what customers write from many channels, labels it, routes it to
teams and delivers it. Channels, classifiers and sinks are plugins.")

set(CPACK_DEBIAN_SDK_PACKAGE_NAME hearback-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION libdevel)
# hearback-check runs plugins in the worker of the same version.
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS
    "hearback (= ${PROJECT_VERSION}), libprotozero-dev, nlohmann-json3-dev (>= 3.11)")
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS "cmake (>= 3.25), g++ | c++-compiler, make | ninja-build")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "rustc (>= 1.63)")
set(CPACK_DEBIAN_SDK_DESCRIPTION "Plugins for Hearback: headers, templates and hearback-check
Headers in C and C++, a kit in Rust, a host for unit tests, functions of CMake,
templates of plugins, and the program that holds plugins to their contract.")
include(CPack)
