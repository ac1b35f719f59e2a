# find_package(HearbackSDK): for plugins built outside Hearback's own tree, against the headers that
# lie beside this file, in a checkout or installed.
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json 3.11)
if(NOT TARGET HearbackSDK::sdk)
  find_path(HearbackSDK_INCLUDE_DIR hearback/plugin/abi.h NO_DEFAULT_PATH REQUIRED
            PATHS ${CMAKE_CURRENT_LIST_DIR}/../include ${CMAKE_CURRENT_LIST_DIR}/../../../include)
  add_library(HearbackSDK::sdk INTERFACE IMPORTED)
  target_include_directories(HearbackSDK::sdk INTERFACE ${HearbackSDK_INCLUDE_DIR})
  target_link_libraries(HearbackSDK::sdk INTERFACE nlohmann_json::nlohmann_json)
  target_compile_features(HearbackSDK::sdk INTERFACE cxx_std_17)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/HearbackAddPlugin.cmake)
