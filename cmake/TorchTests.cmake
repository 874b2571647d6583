# C tests of a library: one executable for each file, built only on demand (target <library>_tests) and known to ctest.
#
#   torch_add_tests(TH tests/test_core.c tests/test_views.c)
include_guard(DIRECTORY)

option(TORCH_BUILD_TESTS "Offer the C tests: target <library>_tests, then ctest" ON)
if(TORCH_BUILD_TESTS)
  enable_testing()
endif()

# Where the libraries are compiled for fuzz programs, these alone are offered.
function(torch_add_tests library)
  if(TORCH_BUILD_TESTS AND NOT TARGET ${library}_tests)
    add_custom_target(${library}_tests)
  endif()
  if(TORCH_BUILD_TESTS AND NOT CMAKE_C_FLAGS MATCHES "fuzzer-no-link")
    foreach(source IN LISTS ARGN)
      torch_add_test(${library} "${source}")
    endforeach()
  endif()
endfunction()

# One program, run with the arguments that follow.
function(torch_add_test library source)
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
  add_test(NAME "${library}.${name}" COMMAND ${target} ${ARGN})
endfunction()

# Fuzz programs, where the libraries are compiled for them (-fsanitize=fuzzer-no-link): each defines LLVMFuzzerTestOneInput.
# ctest runs a few thousand inputs, the same ones each time; tests/lib/fuzz.py runs for as long as it is told. GENERATOR is a
# Python program that is given the compiler, the folder of the headers, and the file to write into.
#
#   torch_add_fuzzers(TH GENERATOR tests/fuzz_calls.py tests/fuzz_ops.c)
function(torch_add_fuzzers library)
  if(NOT TORCH_BUILD_TESTS OR NOT CMAKE_C_FLAGS MATCHES "fuzzer-no-link")
    return()
  endif()
  cmake_parse_arguments(arg "" "GENERATOR" "" ${ARGN})
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  get_filename_component(made "${arg_GENERATOR}" NAME_WE)
  set(header "${CMAKE_CURRENT_BINARY_DIR}/fuzz/${made}.h")
  file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/include/*.h")
  add_custom_command(OUTPUT "${header}"
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/${arg_GENERATOR}" "${CMAKE_C_COMPILER}"
      "${CMAKE_CURRENT_SOURCE_DIR}/include" "${header}"
    DEPENDS "${arg_GENERATOR}" ${headers} VERBATIM)
  add_custom_target(${library}_${made} DEPENDS "${header}")
  foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
    # The programs themselves limit what one allocation may take.
    torch_add_test(${library} "${source}" -runs=20000 -seed=1 -max_len=512 -len_control=0 -timeout=60 -rss_limit_mb=4096
      -malloc_limit_mb=100000 "-artifact_prefix=${CMAKE_BINARY_DIR}/")
    get_filename_component(name "${source}" NAME_WE)
    add_dependencies(${library}_${name} ${library}_${made})
    target_include_directories(${library}_${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
    target_link_options(${library}_${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
endfunction()
