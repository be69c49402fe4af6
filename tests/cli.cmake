# The real program, driven as people call it: tests/cli/<thing>_test.sh PROGRAM.
add_unit(cli cli)
foreach(thing IN ITEMS backup import init issue photo render samples seal serve usage)
  add_test(NAME cli_${thing} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/cli/${thing}_test.sh $<TARGET_FILE:sealpress>)
  set_tests_properties(cli_${thing} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR}")
endforeach()
find_program(PYTHON3 python3 REQUIRED)
add_test(NAME cli_preview COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/cli/preview_test.py $<TARGET_FILE:sealpress>)
set_tests_properties(cli_preview PROPERTIES TIMEOUT 300
  ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;PYTHONDONTWRITEBYTECODE=1")
