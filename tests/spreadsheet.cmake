add_unit(sheet spreadsheet)
add_unit(xlsx spreadsheet PkgConfig::DEFLATE)
target_sources(xlsx_test PRIVATE support/workbook.c)
