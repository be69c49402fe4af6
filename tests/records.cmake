add_unit(records records)
add_unit(number records)
