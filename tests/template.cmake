add_unit(template template)
if(TARGET frames)
  add_dependencies(template_test frames)
endif()
