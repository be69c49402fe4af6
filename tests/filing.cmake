add_library(filed_support STATIC support/filed.c)
target_link_libraries(filed_support PUBLIC issuing_support filing PRIVATE project_flags)

add_unit(workshop filed_support)
add_dependencies(workshop_test fonts-data frames)
set_tests_properties(workshop PROPERTIES TIMEOUT 300)

add_library(listing_support STATIC support/listing.c)
target_link_libraries(listing_support PUBLIC issuing_support filing PRIVATE project_flags)
foreach(thing IN ITEMS filing_import filing_photos)
  add_unit(${thing} listing_support)
  add_dependencies(${thing}_test fonts-data frames)
  set_tests_properties(${thing} PROPERTIES TIMEOUT 600)
endforeach()
target_sources(filing_import_test PRIVATE support/workbook.c)

add_unit(export filing Threads::Threads)
