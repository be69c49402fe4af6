add_unit(base base)
add_unit(helper base)
add_unit(log base)
