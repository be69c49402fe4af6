# Checks of the text of the program itself.
function(add_check name)
  add_test(NAME ${name} COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS lint TIMEOUT 900)
endfunction()
add_check(rooms rooms.sh)
add_check(rooms_twin rooms_twin.sh)
add_check(texts texts.sh)
add_check(format format.sh)
# Once is enough: the two builds differ in options, not in text.
if(SEALPRESS_SANITIZE)
  add_check(lint tidy.sh ${PROJECT_BINARY_DIR})
  set_tests_properties(lint PROPERTIES COST 300)
endif()
