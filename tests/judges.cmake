# Independent judges on certificates that the real program issues into a demo data directory, made once a run (fixture).
set(demo ${PROJECT_BINARY_DIR}/demo)
# "Within 2 s" is for the released program; sanitizers cost a factor, and both runs share the machine with other tests.
if(SEALPRESS_SANITIZE)
  set(hostile_limits 8 0)
else()
  set(hostile_limits 2.5 256)
endif()

# add_judge(<name> <script> <argument>...)
function(add_judge name script)
  if(script MATCHES "[.]py$")
    set(interpreter python3)
  else()
    set(interpreter bash)
  endif()
  add_test(NAME ${name} COMMAND ${interpreter} ${CMAKE_CURRENT_SOURCE_DIR}/judges/${script} ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS judge SKIP_RETURN_CODE 77 TIMEOUT 600
    ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;SEALPRESS_SOURCE=${PROJECT_SOURCE_DIR}")
endfunction()

add_judge(demo demo.py $<TARGET_FILE:sealpress> ${PROJECT_SOURCE_DIR} ${demo})
set_tests_properties(demo PROPERTIES FIXTURES_SETUP demo)

# Both builds write the same bytes (the test "documents" holds them to it), so others judge the released one's.
if(NOT SEALPRESS_SANITIZE)
  add_judge(pdfsig pdfsig.sh ${demo})
  add_judge(mutool mutool.sh ${demo})
  add_judge(pdfbox pdfbox.sh ${demo} ${PROJECT_BINARY_DIR})
  add_judge(openssl_cms cms.sh ${demo})
  add_judge(qpdf qpdf.sh ${demo})
  add_judge(verapdf verapdf.sh ${demo} ${PROJECT_BINARY_DIR} $<TARGET_FILE:sealpress> ${PROJECT_SOURCE_DIR})
  add_judge(zbar qr.sh ${demo})
  add_judge(pdftotext text.sh ${demo})
  add_judge(pdffonts fonts.sh ${demo})
  add_judge(ink_under_seals ink.sh ${demo})
  add_judge(same_bytes reproducible.sh ${demo} $<TARGET_FILE:sealpress>)
  set_tests_properties(pdfsig mutool pdfbox openssl_cms qpdf verapdf zbar pdftotext pdffonts ink_under_seals same_bytes
    PROPERTIES FIXTURES_REQUIRED demo)
  # Documents other than certificates, and the pictures of the template guide.
  add_judge(documents_read documents.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:sealpress>)
  add_judge(blank_forms_everywhere renderers.sh ${PROJECT_SOURCE_DIR} $<TARGET_FILE:sealpress> ${PROJECT_BINARY_DIR})
  add_judge(rare_characters characters.py $<TARGET_FILE:sealpress> ${PROJECT_SOURCE_DIR})
  add_judge(guide_pictures guide.py ${PROJECT_SOURCE_DIR} $<TARGET_FILE:sealpress>)
endif()
add_judge(no_connection offline.sh ${demo} $<TARGET_FILE:sealpress>)
add_judge(languages locale.sh ${demo} $<TARGET_FILE:sealpress>)
add_judge(keys_closed keys.sh ${demo})
add_judge(twins_verified verified.sh ${demo} $<TARGET_FILE:sealpress>)
add_judge(hostile_files hostile.py $<TARGET_FILE:sealpress> ${demo} ${hostile_limits})
set_tests_properties(no_connection languages keys_closed twins_verified hostile_files PROPERTIES FIXTURES_REQUIRED demo)
# Measures wall time.
set_tests_properties(hostile_files PROPERTIES RUN_SERIAL TRUE)
