# Judged by qpdf and poppler-utils, which have nothing of ours in them.
add_unit(pdf pdf)
add_dependencies(pdf_test fonts-data)
target_link_libraries(pdf_test PRIVATE PkgConfig::JPEG PkgConfig::XML)
