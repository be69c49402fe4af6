# Each browser test runs in one of the two builds: the console under sanitizers, the others as released.
# The public pages: their words and bytes, and what a browser makes of them.
add_unit(web web)
target_sources(web_test PRIVATE support/pages.c)
add_executable(gallery web/gallery.c support/pages.c)
target_link_libraries(gallery PRIVATE web seal project_flags)
target_include_directories(gallery PRIVATE ${PROJECT_SOURCE_DIR}/tests)
if(NOT SEALPRESS_SANITIZE)
  add_test(NAME pages_in_a_browser COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/browser.py $<TARGET_FILE:gallery>
    ${PROJECT_BINARY_DIR}/gallery)
  set_tests_properties(pages_in_a_browser PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR}")
endif()
add_test(NAME pages_of_the_service COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/service.py
  $<TARGET_FILE:sealpress> ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/pages_of_the_service)
set_tests_properties(pages_of_the_service PROPERTIES LABELS judge TIMEOUT 600
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR}")
add_test(NAME pages_of_the_preview COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/preview.py $<TARGET_FILE:sealpress>)
set_tests_properties(pages_of_the_preview PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 600
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;PYTHONDONTWRITEBYTECODE=1")

# The organiser's console: its pages of made-up facts.
add_unit(console_pages web)
target_sources(console_pages_test PRIVATE support/console_facts.c)
add_executable(console_gallery web/console_gallery.c support/console_facts.c)
target_link_libraries(console_gallery PRIVATE web project_flags)
target_include_directories(console_gallery PRIVATE ${PROJECT_SOURCE_DIR}/tests)
add_executable(cropper_pages web/cropper_pages.c support/pages.c)
target_link_libraries(cropper_pages PRIVATE web project_flags)
target_include_directories(cropper_pages PRIVATE ${PROJECT_SOURCE_DIR}/tests)
if(NOT SEALPRESS_SANITIZE)
  add_test(NAME photos_in_a_browser COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/cropper.py
    $<TARGET_FILE:cropper_pages> $<TARGET_FILE:sealpress>)
  set_tests_properties(photos_in_a_browser PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
if(SEALPRESS_SANITIZE)
  add_test(NAME console_in_a_browser COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/console.py $<TARGET_FILE:sealpress>
    ${PROJECT_BINARY_DIR}/console_in_a_browser)
  set_tests_properties(console_in_a_browser PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 900
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;PYTHONDONTWRITEBYTECODE=1")
endif()
if(NOT SEALPRESS_SANITIZE)
  add_test(NAME photo_links_in_a_browser COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/web/photo_link.py $<TARGET_FILE:sealpress>)
  set_tests_properties(photo_links_in_a_browser PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
add_unit(cropper_page web)
target_sources(cropper_page_test PRIVATE support/pages.c)
