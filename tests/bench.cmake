# Benchmarks (targets "bench", "bench_documents"): built and run by hand, never by ctest. tests/bench/run.sh prepares the data and runs them.
add_executable(certificate_bench EXCLUDE_FROM_ALL bench/certificate_bench.c bench/cost.c bench/workload.c)
target_link_libraries(certificate_bench PRIVATE issue project_flags)
target_include_directories(certificate_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(service_bench EXCLUDE_FROM_ALL bench/service_bench.c bench/cost.c bench/workload.c support/load.c)
target_link_libraries(service_bench PRIVATE base OpenSSL::Crypto project_flags)
target_include_directories(service_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(register_fill EXCLUDE_FROM_ALL bench/register_fill.c)
target_link_libraries(register_fill PRIVATE register_support project_flags)
target_include_directories(register_fill PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(threads_bench EXCLUDE_FROM_ALL bench/threads_bench.c bench/cost.c bench/workload.c)
target_link_libraries(threads_bench PRIVATE issue project_flags)
target_include_directories(threads_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_custom_target(bench COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/bench/run.sh ${PROJECT_BINARY_DIR}
  DEPENDS certificate_bench sealpress USES_TERMINAL)
add_executable(document_bench EXCLUDE_FROM_ALL bench/document_bench.c bench/cost.c)
target_link_libraries(document_bench PRIVATE issue m project_flags)
target_include_directories(document_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_custom_target(bench_documents COMMAND ${CMAKE_COMMAND} -E env SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress $<TARGET_FILE:document_bench>
  DEPENDS document_bench frames fonts-data USES_TERMINAL)
add_custom_target(bench_filing COMMAND ${CMAKE_COMMAND} -E env SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress PYTHONDONTWRITEBYTECODE=1
  python3 ${CMAKE_CURRENT_SOURCE_DIR}/bench/filing_bench.py $<TARGET_FILE:sealpress> 30000 $<TARGET_FILE:certificate_bench>
  DEPENDS sealpress certificate_bench frames fonts-data USES_TERMINAL)
