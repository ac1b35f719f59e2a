# find_package(HearbackSDK): for plugins built outside Hearback's own tree, against the headers that
# lie beside this file, in a checkout or installed. HearbackSDK::c needs nothing else;
# HearbackSDK::sdk, for C++, needs nlohmann/json and protozero.
include(CMakeFindDependencyMacro)
find_path(HearbackSDK_INCLUDE_DIR hearback/plugin/abi.h NO_DEFAULT_PATH REQUIRED
          PATHS ${CMAKE_CURRENT_LIST_DIR}/../include ${CMAKE_CURRENT_LIST_DIR}/../../../include)
if(NOT TARGET HearbackSDK::c)
  add_library(HearbackSDK::c INTERFACE IMPORTED)
  target_include_directories(HearbackSDK::c INTERFACE ${HearbackSDK_INCLUDE_DIR})
endif()
get_property(_hearback_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if("CXX" IN_LIST _hearback_languages AND NOT TARGET HearbackSDK::sdk)
  find_dependency(nlohmann_json 3.11)
  find_path(PROTOZERO_INCLUDE_DIR protozero/version.hpp)
  if(NOT PROTOZERO_INCLUDE_DIR)
    set(HearbackSDK_FOUND FALSE)
    set(HearbackSDK_NOT_FOUND_MESSAGE
        "protozero is not there: install libprotozero-dev, or set PROTOZERO_INCLUDE_DIR")
    return()
  endif()
  add_library(HearbackSDK::sdk INTERFACE IMPORTED)
  target_include_directories(HearbackSDK::sdk SYSTEM INTERFACE ${PROTOZERO_INCLUDE_DIR})
  target_link_libraries(HearbackSDK::sdk INTERFACE HearbackSDK::c nlohmann_json::nlohmann_json)
  target_compile_features(HearbackSDK::sdk INTERFACE cxx_std_17)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/HearbackAddPlugin.cmake)
