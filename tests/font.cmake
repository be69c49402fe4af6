# The whole 8,105 characters are looked up in every family, so the common ones come from the shared data.
foreach(thing IN ITEMS font subset)
  add_unit(${thing} font)
  add_dependencies(${thing}_test fonts-data)
endforeach()
target_link_libraries(font_test PRIVATE PkgConfig::ICU) # the judge of what is invisible
