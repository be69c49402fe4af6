add_library(issuing_support STATIC support/issuing.c)
target_include_directories(issuing_support PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(issuing_support PUBLIC issue PkgConfig::CMOCKA PRIVATE project_flags)

add_unit(proof issue)
add_dependencies(proof_test fonts-data frames)

foreach(thing IN ITEMS issue issue_service issue_threads)
  add_unit(${thing} issuing_support)
  add_dependencies(${thing}_test fonts-data frames)
endforeach()
