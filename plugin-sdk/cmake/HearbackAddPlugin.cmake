# hearback_add_plugin(NAME SOURCES a.cpp ... [LIBRARIES TARGETS...])
#
# A shared library that exports `hearback_plugin_entry` and nothing else, with every symbol bound
# when it is loaded. Hiding the rest is a correctness rule: two plugins with the same inline
# variable would share it otherwise.
function(hearback_add_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.exports)
  add_library(${name} MODULE ${ARG_SOURCES})
  set_property(GLOBAL APPEND PROPERTY HEARBACK_PLUGINS ${name})
  set_target_properties(${name} PROPERTIES
    PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${exports})
  if(NOT CMAKE_LIBRARY_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  target_link_libraries(${name} PRIVATE HearbackSDK::sdk ${ARG_LIBRARIES})
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
