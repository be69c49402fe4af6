# Real faces and both certificate templates: positions are judged to 0.15 mm.
add_unit(layout layout)
target_sources(layout_test PRIVATE support/boxes.c)
foreach(data IN ITEMS frames fonts-data)
  if(TARGET ${data})
    add_dependencies(layout_test ${data})
  endif()
endforeach()
