# Judged by qpdf and poppler-utils, which have nothing of ours in them.
add_unit(pdf pdf)
add_dependencies(pdf_test fonts-data)
target_link_libraries(pdf_test PRIVATE PkgConfig::JPEG PkgConfig::XML)
# Trees, boxes, seal fields and bytes of every document.
add_unit(documents pdf drawer_support)
add_dependencies(documents_test fonts-data frames)
