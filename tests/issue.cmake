add_unit(issue issue)
add_dependencies(issue_test fonts-data frames)
