# What every library of the family has in common: one shared object with an ABI-numbered file name, hidden symbols, relocatable
# RPATH, strict C11, an exported CMake package, and a symbol list that consumers link against.
#
#   torch_add_library(TH VERSION 0.4.0 ABI 1 SOURCES src/core/THStatus.c ... PRIVATE_INCLUDES src)
#   torch_export_only(TH "TH*")
#   torch_export_library(TH [DEPENDS Name ...])
# Once in each directory: the flags and variables set below are a directory's own, and each library is one.
include_guard(DIRECTORY)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(TORCH_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

# Products of the whole build meet in one folder, so that $ORIGIN finds siblings there as it will after installation.
if(NOT CMAKE_LIBRARY_OUTPUT_DIRECTORY)
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
endif()
set(CMAKE_INSTALL_LIBDIR lib)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_CUDA_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
if(NOT CMAKE_BUILD_TYPE)
  # In the cache: the top folder's install script and exports, which are written last, have to agree.
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo" FORCE)
endif()

option(TORCH_WERROR "Warnings are errors" OFF)
set(torch_flags -Wall -Wextra -fno-math-errno -fno-trapping-math)
if(TORCH_WERROR)
  list(APPEND torch_flags -Werror)
endif()
# clang tells of each loop that it was asked to vectorise and could not; those of the general case never can be.
add_compile_options("$<$<C_COMPILER_ID:Clang,AppleClang>:$<$<COMPILE_LANGUAGE:C>:-Wno-pass-failed>>")
set(torch_maps "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build")
# A compiler cache shows the compiler paths as seen from the build tree. The bytes must be the same with and without it.
set(torch_cache_map "")
file(RELATIVE_PATH torch_source_from_binary "${CMAKE_BINARY_DIR}" "${CMAKE_SOURCE_DIR}")
if(torch_source_from_binary MATCHES "[^/]+(/$|$)")
  string(REGEX REPLACE "/$" "" torch_source_from_binary "${torch_source_from_binary}")
  set(torch_cache_map "-ffile-prefix-map=${torch_source_from_binary}=.")
endif()
# nvcc hands the host compiler what follows -Xcompiler. To a compiler cache each word there makes a difference: with one, none
# names this folder, so that clones share. -objtemp keeps names of temporary files out.
if(CMAKE_CUDA_COMPILER_LAUNCHER MATCHES "ccache")
  set(torch_cuda_flags ${torch_flags} ${torch_cache_map})
else()
  set(torch_cuda_flags ${torch_maps})
  list(TRANSFORM torch_cuda_flags REPLACE "^(.* .*)$" "\"\\1\"") # nvcc hands over a text, which a shell takes apart at blanks
  list(PREPEND torch_cuda_flags ${torch_flags})
endif()
list(JOIN torch_cuda_flags "," torch_cuda_flags)
add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:${torch_flags};${torch_maps};${torch_cache_map}>"
                    "$<$<COMPILE_LANGUAGE:CUDA>:-objtemp;-Xcompiler=${torch_cuda_flags}>")
# DT_RPATH, not RUNPATH: LD_LIBRARY_PATH must not win over the library beside ours.
add_link_options(-Wl,--disable-new-dtags -Wl,--as-needed)
# clang leaves a sanitizer's runtime to the program: its shared objects do not define what they call of it.
if(NOT (CMAKE_C_COMPILER_ID MATCHES "Clang" AND CMAKE_C_FLAGS MATCHES "-fsanitize="))
  add_link_options(-Wl,--no-undefined)
endif()

function(torch_add_library name)
  cmake_parse_arguments(arg "" "VERSION;ABI" "SOURCES;PRIVATE_INCLUDES" ${ARGN})
  add_library(${name} SHARED ${arg_SOURCES})
  add_library(${name}::${name} ALIAS ${name})
  # The file is its own soname: no symlinks, which wheels cannot hold.
  set_target_properties(${name} PROPERTIES
    SUFFIX ".so.${arg_ABI}"
    INSTALL_RPATH "$ORIGIN"
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    TORCH_VERSION "${arg_VERSION}")
  target_include_directories(${name}
    PUBLIC "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:include>"
    PRIVATE ${arg_PRIVATE_INCLUDES})
  torch_name_units(${name} ${arg_SOURCES})
  torch_symbol_list(${name})
endfunction()

# What is a CUDA unit's own (static, or in a namespace without a name) is called after a hash of its file's full path, whatever
# the command says. The programs that nvcc starts are told another path, which is the same in every folder.
function(torch_name_units name)
  set(units ${ARGN})
  list(FILTER units INCLUDE REGEX "\\.cu$")
  if(NOT units OR NOT CMAKE_CUDA_COMPILER_ID STREQUAL "NVIDIA")
    return()
  endif()
  get_property(dryrun GLOBAL PROPERTY TORCH_NVCC_DRYRUN)
  if(NOT dryrun)
    execute_process(COMMAND "${CMAKE_CUDA_COMPILER}" --dryrun -c -x cu /dev/null -o /dev/null
      OUTPUT_VARIABLE dryrun ERROR_VARIABLE dryrun)
    set_property(GLOBAL PROPERTY TORCH_NVCC_DRYRUN "${dryrun}")
  endif()
  if(dryrun MATCHES "--orig_src_path_name")
    foreach(unit IN LISTS units)
      set_property(SOURCE "${unit}" APPEND PROPERTY COMPILE_OPTIONS "-Xcudafe=--orig_src_path_name=/${name}/${unit}")
    endforeach()
  endif()
endfunction()

# <name>.symbols lists what the library exports and is rewritten only when that changes. Consumers depend on the list instead of
# the library: the edit of a function's body relinks nobody, a removed symbol relinks (and fails) at once.
function(torch_symbol_list name)
  set(list "${CMAKE_CURRENT_BINARY_DIR}/${name}.symbols")
  add_custom_command(OUTPUT "${list}"
    COMMAND sh "${TORCH_CMAKE_DIR}/symbol-list.sh" "${CMAKE_NM}" "$<TARGET_FILE:${name}>" "${list}"
    DEPENDS ${name} "${TORCH_CMAKE_DIR}/symbol-list.sh" VERBATIM
    COMMENT "Listing the symbols of ${name}")
  add_custom_target(${name}_symbols ALL DEPENDS "${list}")
  set_property(TARGET ${name} PROPERTY TORCH_SYMBOL_LIST "${list}")
endfunction()

# Links `target` against libraries of the family: by their symbol lists where they are in this build, else by the files.
function(torch_link_libraries target)
  target_link_libraries(${target} PRIVATE ${ARGN})
  set_property(TARGET ${target} PROPERTY LINK_DEPENDS_NO_SHARED ON)
  foreach(library IN LISTS ARGN)
    get_target_property(aliased ${library} ALIASED_TARGET)
    if(aliased)
      get_target_property(list ${aliased} TORCH_SYMBOL_LIST)
      set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${list}")
    else()
      set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "$<TARGET_FILE:${library}>")
    endif()
  endforeach()
endfunction()

# Lets `target` export only the symbols that match one of the patterns: templates of the standard library are visible whatever
# the compiler is told, and would meet those of other libraries in the process.
function(torch_export_only target)
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}.map")
  list(JOIN ARGN "; " patterns)
  file(CONFIGURE OUTPUT "${script}" @ONLY CONTENT "{ global: @patterns@; local: *; };\n")
  target_link_options(${target} PRIVATE "-Wl,--version-script=${script}")
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${script}")
endfunction()

# Installs library, headers and two descriptions that may be moved: a CMake package, with which find_package(<name> CONFIG)
# gives <name>::<name>, and a file for pkg-config.
function(torch_export_library name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  get_target_property(version ${name} TORCH_VERSION)
  get_target_property(suffix ${name} SUFFIX)
  set(package_dir "share/cmake/${name}")
  install(TARGETS ${name} EXPORT ${name}Targets LIBRARY DESTINATION lib)
  install(DIRECTORY include/ DESTINATION include FILES_MATCHING PATTERN "*.h" PATTERN "*.cuh")
  install(EXPORT ${name}Targets NAMESPACE ${name}:: DESTINATION "${package_dir}")
  set(finds "")
  foreach(dependency IN LISTS arg_DEPENDS)
    string(APPEND finds "find_dependency(${dependency} CONFIG)\n")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}Config.cmake" @ONLY CONTENT
"include(CMakeFindDependencyMacro)
@finds@include(\"\${CMAKE_CURRENT_LIST_DIR}/@name@Targets.cmake\")
")
  write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/${name}ConfigVersion.cmake"
    VERSION "${version}" COMPATIBILITY SameMinorVersion)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}Config.cmake" "${CMAKE_CURRENT_BINARY_DIR}/${name}ConfigVersion.cmake"
    DESTINATION "${package_dir}")
  list(JOIN arg_DEPENDS " " requires)
  set(description "${PROJECT_DESCRIPTION}")
  if(NOT description)
    set(description "${name}")
  endif()
  # The file's name carries its ABI; there is no lib<name>.so beside it.
  file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" @ONLY CONTENT
"libdir=\${pcfiledir}/..
includedir=\${pcfiledir}/../../include

Name: @name@
Description: @description@
Version: @version@
Requires: @requires@
Cflags: -I\${includedir}
Libs: -L\${libdir} -l:lib@name@@suffix@
")
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" DESTINATION lib/pkgconfig)
endfunction()
