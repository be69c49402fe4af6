add_unit(photo image)
add_unit(qr image)

if(TARGET sealpress)
  add_test(NAME photo_command COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cli/photo_test.sh $<TARGET_FILE:sealpress>)
  set_tests_properties(photo_command PROPERTIES ENVIRONMENT "SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR};LC_ALL=C.UTF-8")
endif()
