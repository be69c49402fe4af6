# What happens when disk, power or a process fails: the real program on a data directory of its own. Only in the released
# build: the shim is preloaded, and the kills are many.
if(NOT SEALPRESS_SANITIZE)
  add_library(faults_shim SHARED faults/shim.c)
  target_link_libraries(faults_shim PRIVATE ${CMAKE_DL_LIBS} project_flags)
  target_compile_definitions(faults_shim PRIVATE _LARGEFILE64_SOURCE)
  find_program(PYTHON3 python3 REQUIRED)
  function(add_fault name)
    add_test(NAME fault_${name} COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/faults/${name}.py $<TARGET_FILE:sealpress> ${ARGN})
    # The longest begin first, so that none of them is left alone at the end.
    set_tests_properties(fault_${name} PROPERTIES LABELS judge TIMEOUT 900 COST 100
      ENVIRONMENT "SEALPRESS_SHARE=${PROJECT_BINARY_DIR}/share/sealpress;PYTHONDONTWRITEBYTECODE=1")
  endfunction()
  add_fault(failing_disk $<TARGET_FILE:faults_shim>)
  add_fault(crash_points $<TARGET_FILE:faults_shim>)
  add_fault(power_cuts $<TARGET_FILE:faults_shim>)
  add_fault(every_post $<TARGET_FILE:faults_shim>)
  add_fault(at_once)
  add_fault(lost_files)
  add_fault(full_disk)
  add_fault(kills 40) # by hand with thousands
  add_fault(queue_kills 20) # by hand with thousands
  add_fault(queue_faults $<TARGET_FILE:faults_shim>)
  add_fault(restores)
  set_tests_properties(fault_kills fault_every_post PROPERTIES COST 200)
endif()
