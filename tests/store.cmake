# register_support: a store full of certificates, for proofs and measurements. failing_disk: linked as objects, so that its
# functions stand before the C library's.
add_library(register_support STATIC support/register.c)
target_include_directories(register_support PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(register_support PUBLIC store PRIVATE project_flags)
add_library(failing_disk OBJECT support/failing_disk.c)
target_include_directories(failing_disk PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(failing_disk PRIVATE project_flags)

add_unit(store store)
add_unit(config store)
add_unit(store_kept store)
add_unit(store_register register_support)
add_unit(store_migration store failing_disk)
add_unit(store_disk store failing_disk Threads::Threads)
add_unit(store_schema store)
add_unit(store_lent store Threads::Threads)
add_unit(store_queue store Threads::Threads)
add_unit(store_filings store)
