# C tests of a library: one executable for each file, built only on demand (target <library>_tests) and known to ctest.
#
#   torch_add_tests(TH tests/test_core.c tests/test_views.c)
include_guard(DIRECTORY)

option(TORCH_BUILD_TESTS "Offer the C tests: target <library>_tests, then ctest" ON)
if(TORCH_BUILD_TESTS)
  enable_testing()
endif()

function(torch_add_tests library)
  if(NOT TORCH_BUILD_TESTS)
    return()
  endif()
  if(NOT TARGET ${library}_tests)
    add_custom_target(${library}_tests)
  endif()
  foreach(source IN LISTS ARGN)
    get_filename_component(name "${source}" NAME_WE)
    set(target "${library}_${name}")
    add_executable(${target} EXCLUDE_FROM_ALL "${source}")
    set_target_properties(${target} PROPERTIES
      C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
      RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests"
      INSTALL_RPATH "$ORIGIN/../lib")
    torch_link_libraries(${target} ${library}::${library})
    target_link_libraries(${target} PRIVATE pthread m)
    add_dependencies(${library}_tests ${target})
    add_test(NAME "${library}.${name}" COMMAND ${target})
  endforeach()
endfunction()
