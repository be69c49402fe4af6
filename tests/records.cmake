add_unit(records records)
add_unit(number records)
add_unit(entry records)
add_unit(filing_order records)
