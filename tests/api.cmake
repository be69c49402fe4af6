add_unit(limiter api)
add_unit(judgement api)
add_unit(caretaker api)
