add_unit(limiter api)
add_unit(judgement api)
add_unit(caretaker api)
add_unit(api_respond api)
add_unit(api_caller api)
target_link_options(api_caller_test PRIVATE -Wl,--wrap=request_header)
add_unit(api_cursor api)
# The real program as portals call it, and the description of the API before a public validator.
find_program(PYTHON3 python3 REQUIRED)
add_test(NAME http_api COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/http/api_test.py $<TARGET_FILE:sealpress>)
set_tests_properties(http_api PROPERTIES TIMEOUT 300 ENVIRONMENT
  "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
if(NOT SEALPRESS_SANITIZE) # the text is the same
  add_test(NAME http_openapi COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/http/openapi_test.sh
    ${PROJECT_SOURCE_DIR}/src/api/openapi.json ${PROJECT_BINARY_DIR}/openapi-tools)
  set_tests_properties(http_openapi PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 300 LABELS judge)
endif()

# The real program and somebody who asks: tests/http/<thing>_test.py PROGRAM.
find_program(PYTHON3 python3 REQUIRED)
if(NOT SEALPRESS_SANITIZE) # it waits more than it computes
  add_test(NAME http_offices COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/http/offices_test.py $<TARGET_FILE:sealpress>)
  set_tests_properties(http_offices PROPERTIES TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
endif()
add_test(NAME http_filings COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/http/filings_test.py $<TARGET_FILE:sealpress>)
set_tests_properties(http_filings PROPERTIES TIMEOUT 600
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
add_test(NAME http_links COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/http/links_test.py $<TARGET_FILE:sealpress>)
set_tests_properties(http_links PROPERTIES TIMEOUT 600
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
add_test(NAME http_hostile COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/http/hostile_test.py $<TARGET_FILE:sealpress>)
set_tests_properties(http_hostile PROPERTIES TIMEOUT 600
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
