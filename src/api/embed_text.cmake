# Writes OUT, a C file with the bytes of FILE as NAME and NAME_size. Run with cmake -P.
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "/* Made by embed_text.cmake; never edited. */
extern const unsigned char ${NAME}[];
extern const unsigned ${NAME}_size;
const unsigned char ${NAME}[] = {${bytes}};
const unsigned ${NAME}_size = sizeof ${NAME};
")
