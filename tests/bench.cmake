# Benchmarks (target "bench"): built and run by hand, never by ctest. tests/bench/run.sh prepares the data and runs them.
if(TARGET sealpress)
  foreach(program stages_bench certificate_bench)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/bench/${program}.c)
      add_executable(${program} EXCLUDE_FROM_ALL bench/${program}.c bench/cost.c bench/workload.c)
      target_link_libraries(${program} PRIVATE issue project_flags)
      target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
      list(APPEND bench_programs ${program})
    endif()
  endforeach()
  add_custom_target(bench_programs DEPENDS ${bench_programs})
  add_custom_target(bench COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/bench/run.sh ${PROJECT_BINARY_DIR}
    DEPENDS bench_programs sealpress USES_TERMINAL)
endif()
