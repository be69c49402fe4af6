# Fuzz targets: fuzz/fuzz_<thing>.c with its corpus in fuzz/corpus/<thing>/. add_fuzz(<thing> <room>...) links one.
# With clang and -DSEALPRESS_FUZZ=ON it becomes a libFuzzer program; else a program that replays the corpus, run by ctest.
option(SEALPRESS_FUZZ "Build the fuzz targets for libFuzzer (needs clang)" OFF)
if(SEALPRESS_FUZZ AND NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "SEALPRESS_FUZZ needs clang: cmake -DCMAKE_C_COMPILER=clang")
endif()

if(SEALPRESS_FUZZ)
  target_compile_options(project_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(add_fuzz thing)
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_${thing}.c)
    return()
  endif()
  add_executable(fuzz_${thing} fuzz/fuzz_${thing}.c)
  target_link_libraries(fuzz_${thing} PRIVATE ${ARGN} project_flags)
  target_include_directories(fuzz_${thing} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  # The name is libFuzzer's, so it has no prototype in any header of ours.
  target_compile_options(fuzz_${thing} PRIVATE -Wno-missing-prototypes)
  if(SEALPRESS_FUZZ)
    target_link_options(fuzz_${thing} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${thing} PRIVATE fuzz/replay.c)
    add_test(NAME fuzz_${thing} COMMAND fuzz_${thing} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${thing})
    set_tests_properties(fuzz_${thing} PROPERTIES ENVIRONMENT
      "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR}")
  endif()
endfunction()

add_fuzz(photo image)
add_fuzz(verify sign)
add_fuzz(template template)
add_fuzz(layout pdf layout)
add_fuzz(order records)
add_fuzz(http http)
add_fuzz(sheet spreadsheet)
add_fuzz(entry records)
