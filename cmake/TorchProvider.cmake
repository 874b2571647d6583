# Answers find_package(<sibling>) with the target in this build, and never with an installed copy.
#
# The root CMakeLists.txt names this file in CMAKE_PROJECT_TOP_LEVEL_INCLUDES before its first project(). What the siblings are
# comes from ${CMAKE_BINARY_DIR}/siblings.cmake, which the orchestrator writes from libraries.toml:
#   TORCH_SIBLINGS                all names of the manifest
#   TORCH_SIBLING_VERSION_<name>  their versions
#   TORCH_SIBLING_NEEDS_<folder>  what the project in <folder> (relative to the root) may ask for
#   TORCH_SIBLING_PREFIX          where those that are not in this tree are installed; unset: all are in the tree
#   CMAKE_PROJECT_<name>_INCLUDE  what project(<name>) includes at its end: the flags and definitions of this library alone
# Without that file (an IDE opened the root folder) the project() lines in the folders of TORCH_PROJECTS name the siblings, the
# order of the folders says who may ask for whom, and the property TORCH_VERSION of the target is the version.
include_guard(GLOBAL)
include("${CMAKE_BINARY_DIR}/siblings.cmake" OPTIONAL)

# Fails unless `version` satisfies what the arguments of find_package ask for. The rule is the one of the installed packages
# (SameMinorVersion), so that a request means the same in the tree and outside of it.
function(torch_check_version asker name version)
  set(wanted "")
  if(ARGC GREATER 3)
    set(wanted "${ARGV3}")
  endif()
  if(NOT wanted MATCHES "^[0-9]")
    return()
  endif()
  set(reason "")
  if(wanted MATCHES "^([0-9.]+)\\.\\.\\.(<?)([0-9.]+)$")
    set(low "${CMAKE_MATCH_1}")
    set(open "${CMAKE_MATCH_2}")
    set(high "${CMAKE_MATCH_3}")
    if(version VERSION_LESS low OR version VERSION_GREATER high OR (open AND version VERSION_EQUAL high))
      set(reason "it is outside of that range")
    endif()
  elseif(version VERSION_LESS wanted)
    set(reason "it is older")
  elseif("EXACT" IN_LIST ARGN AND NOT version VERSION_EQUAL wanted)
    set(reason "EXACT was asked for")
  else()
    string(REGEX MATCH "^[0-9]+(\\.[0-9]+)?" wanted_minor "${wanted}")
    string(REGEX MATCH "^[0-9]+(\\.[0-9]+)?" minor "${version}")
    if(NOT wanted_minor MATCHES "\\.")
      string(REGEX MATCH "^[0-9]+" minor "${version}")
    endif()
    if(NOT wanted_minor VERSION_EQUAL minor)
      set(reason "another minor version is another interface")
    endif()
  endif()
  if(reason)
    message(FATAL_ERROR "${asker} asks for ${name} ${wanted}, and this tree has ${name} ${version}: ${reason}.\n"
      "Change the version in ${asker}'s find_package(${name} ...), or the version of ${name} in libraries.toml and its "
      "CMakeLists.txt.")
  endif()
endfunction()

function(torch_check_sibling name)
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}")
  if(DEFINED TORCH_SIBLINGS AND NOT name IN_LIST TORCH_SIBLING_NEEDS_${folder})
    message(FATAL_ERROR "The project in ${folder} asks for ${name}, which libraries.toml does not declare.\n"
      "Add \"${name}\" to `needs` of the entry with source = \"${folder}\", so that the build order is right.")
  endif()
  if(NOT TARGET ${name}::${name})
    message(FATAL_ERROR "The project in ${folder} asks for ${name}, whose target ${name}::${name} does not exist yet.\n"
      "Either the project of ${name} does not define add_library(${name}::${name} ALIAS ...), or it is added too late: the "
      "order of TORCH_PROJECTS is \"${TORCH_PROJECTS}\". An installed ${name} is not used instead: it could be another "
      "version.")
  endif()
  set(version "${TORCH_SIBLING_VERSION_${name}}")
  if(NOT version)
    get_target_property(target ${name}::${name} ALIASED_TARGET)
    if(NOT target)
      set(target ${name}::${name})
    endif()
    get_target_property(version ${target} TORCH_VERSION)
  endif()
  torch_check_version("${folder}" ${name} "${version}" ${ARGN})
endfunction()

# The names in the project() lines of TORCH_PROJECTS.
function(torch_name_siblings result)
  set(names "")
  foreach(folder IN LISTS TORCH_PROJECTS)
    file(STRINGS "${CMAKE_SOURCE_DIR}/${folder}/CMakeLists.txt" line REGEX "^project\\(" LIMIT_COUNT 1)
    string(REGEX REPLACE "^project\\( *([A-Za-z0-9_]+).*" "\\1" name "${line}")
    list(APPEND names "${name}")
  endforeach()
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# A macro, because find_package's result variables belong into the asker's scope.
macro(torch_provide_dependency torch_provider_method torch_provider_name)
  set(torch_provider_siblings "${TORCH_SIBLINGS}")
  if(NOT DEFINED TORCH_SIBLINGS)
    torch_name_siblings(torch_provider_siblings)
  endif()
  if("${torch_provider_name}" IN_LIST torch_provider_siblings)
    if(TORCH_SIBLING_PREFIX)
      # This one place and no other: what it finds has the interface that was asked for, and is not taken from the system.
      find_package(${torch_provider_name} CONFIG REQUIRED BYPASS_PROVIDER PATHS "${TORCH_SIBLING_PREFIX}" NO_DEFAULT_PATH)
    endif()
    torch_check_sibling(${torch_provider_name} ${ARGN})
    set(${torch_provider_name}_FOUND TRUE)
  endif()
endmacro()

cmake_language(SET_DEPENDENCY_PROVIDER torch_provide_dependency SUPPORTED_METHODS FIND_PACKAGE)
