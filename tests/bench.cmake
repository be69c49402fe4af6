# Benchmarks (target "bench"): built and run by hand, never by ctest. tests/bench/run.sh prepares the data and runs them.
add_executable(certificate_bench EXCLUDE_FROM_ALL bench/certificate_bench.c bench/cost.c bench/workload.c)
target_link_libraries(certificate_bench PRIVATE issue project_flags)
target_include_directories(certificate_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(service_bench EXCLUDE_FROM_ALL bench/service_bench.c bench/cost.c bench/workload.c support/load.c)
target_link_libraries(service_bench PRIVATE base OpenSSL::Crypto project_flags)
target_include_directories(service_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(register_fill EXCLUDE_FROM_ALL bench/register_fill.c)
target_link_libraries(register_fill PRIVATE register_support project_flags)
target_include_directories(register_fill PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_custom_target(bench COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/bench/run.sh ${PROJECT_BINARY_DIR}
  DEPENDS certificate_bench sealpress USES_TERMINAL)
