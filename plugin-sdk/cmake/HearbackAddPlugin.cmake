# hearback_add_plugin(NAME SOURCES a.cpp ... [LIBRARIES TARGETS...])
#
# A shared library that exports `hearback_plugin_entry` and nothing else, with every symbol bound
# when it is loaded. Hiding the rest is a correctness rule: two plugins with the same inline
# variable would share it otherwise. Sources are C++, or C alone.
function(hearback_add_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.exports)
  add_library(${name} MODULE ${ARG_SOURCES})
  set_property(GLOBAL APPEND PROPERTY HEARBACK_PLUGINS ${name})
  set_target_properties(${name} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${exports} HEARBACK_PLUGIN_FILE $<TARGET_FILE:${name}>)
  if(NOT CMAKE_LIBRARY_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  set(sdk HearbackSDK::c)
  foreach(source ${ARG_SOURCES})
    if(NOT source MATCHES "\\.(c|h)$")
      set(sdk HearbackSDK::sdk)
    endif()
  endforeach()
  target_link_libraries(${name} PRIVATE ${sdk} ${ARG_LIBRARIES})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
  endif()
  target_link_options(${name} PRIVATE -Wl,-z,now -Wl,-z,noexecstack
                      -Wl,--version-script=${exports})
  # A sanitizer's runtime is only found in the program that loads the plugin.
  if(NOT HEARBACK_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# hearback_add_rust_plugin(NAME SOURCE plugin.rs)
#
# The same in Rust, by rustc alone: no crates but the kit beside this file, known as `hearback`.
function(hearback_add_rust_plugin name)
  cmake_parse_arguments(ARG "" "SOURCE" "" ${ARGN})
  find_program(RUSTC rustc)
  if(NOT RUSTC)
    message(FATAL_ERROR "rustc is not there: install the package rustc (1.63 or newer), or set RUSTC")
  endif()
  find_file(HearbackSDK_RUST hearback.rs NO_DEFAULT_PATH REQUIRED
    PATHS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../rust
          ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../share/hearback/rust)
  cmake_path(GET HearbackSDK_RUST PARENT_PATH folder)
  file(GLOB parts ${folder}/*.rs)
  set(kit ${CMAKE_CURRENT_BINARY_DIR}/libhearback.rlib)
  set(plugins ${CMAKE_BINARY_DIR}/plugins)
  if(CMAKE_LIBRARY_OUTPUT_DIRECTORY)
    set(plugins ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
  endif()
  set(library ${plugins}/${name}.so)
  string(MAKE_C_IDENTIFIER ${name} crate)
  cmake_path(ABSOLUTE_PATH ARG_SOURCE)
  set(flags --edition 2021 -O -C panic=unwind)
  add_custom_command(OUTPUT ${kit} DEPENDS ${parts} VERBATIM
    COMMAND ${RUSTC} ${flags} --crate-type rlib --crate-name hearback ${HearbackSDK_RUST} -o ${kit})
  add_custom_command(OUTPUT ${library} DEPENDS ${ARG_SOURCE} ${kit} VERBATIM
    COMMAND ${CMAKE_COMMAND} -E make_directory ${plugins}
    COMMAND ${RUSTC} ${flags} --crate-type cdylib --crate-name ${crate} --extern hearback=${kit}
            -C link-arg=-Wl,-z,now -C link-arg=-Wl,-z,defs -C strip=symbols
            ${ARG_SOURCE} -o ${library})
  add_custom_target(${name} ALL DEPENDS ${library})
  set_target_properties(${name} PROPERTIES HEARBACK_PLUGIN_FILE ${library})
endfunction()

# hearback_add_plugin_test(NAME test.cpp)
#
# A test of the plugin NAME: a program in C++ with hearback/testing/plugin_under_test.hpp, whatever
# language the plugin is in. HEARBACK_PLUGIN_FILE is the library that it loads.
function(hearback_add_plugin_test name source)
  get_target_property(file ${name} HEARBACK_PLUGIN_FILE)
  add_executable(${name}-test ${source})
  add_dependencies(${name}-test ${name})
  target_link_libraries(${name}-test PRIVATE HearbackSDK::sdk ${CMAKE_DL_LIBS})
  target_compile_definitions(${name}-test PRIVATE "HEARBACK_PLUGIN_FILE=\"${file}\"")
  add_test(NAME ${name} COMMAND ${name}-test)
endfunction()

# hearback_check_plugin(NAME [TEST NAME-OF-THE-TEST] [WORDS...])
#
# Holds the plugin NAME against the rules of the boundary as a test, where hearback-check is there.
# WORDS go to it, such as: --config hearback-check.toml
function(hearback_check_plugin name)
  cmake_parse_arguments(ARG "" "TEST" "" ${ARGN})
  if(TARGET hearback-check)
    set(program hearback-check)
  else()
    find_program(HEARBACK_CHECK hearback-check
      HINTS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../bin)
    set(program ${HEARBACK_CHECK})
  endif()
  if(NOT program)
    message(STATUS "hearback-check is not there: ${name} is tested without it")
    return()
  endif()
  if(NOT ARG_TEST)
    set(ARG_TEST ${name}-check)
  endif()
  get_target_property(file ${name} HEARBACK_PLUGIN_FILE)
  add_test(NAME ${ARG_TEST} COMMAND ${program} ${ARG_UNPARSED_ARGUMENTS} ${file}
           WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()
