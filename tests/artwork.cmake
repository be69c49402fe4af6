add_unit(artwork artwork PkgConfig::DEFLATE)
if(TARGET frames)
  add_dependencies(artwork_test frames)
endif()
