# Embeds every schema/NNNN_name.sql below src/ into one library, onsale_schema, that defines
# onsale::sql::all_migrations(). Included by src/platform/sql/CMakeLists.txt, and run as a script
# (cmake -P) whenever one of the files changes.

if(CMAKE_SCRIPT_MODE_FILE)
  # -DSRC=…/src -DOUT=….cc -DFILES=a.sql|b.sql
  string(REPLACE "|" ";" files "${FILES}")
  set(rows "")
  set(texts "")
  set(index 0)
  foreach(file ${files})
    if(NOT file MATCHES "/([a-z_]+)/schema/([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
      message(FATAL_ERROR "${file}: a schema file is called NNNN_name.sql")
    endif()
    set(module ${CMAKE_MATCH_1})
    set(number ${CMAKE_MATCH_2})
    set(name ${CMAKE_MATCH_3})
    string(REGEX REPLACE "^0+" "" number "${number}")
    file(READ "${file}" text)
    string(APPEND texts "constexpr std::string_view kText${index} = R\"~sql~(${text})~sql~\";\n")
    string(APPEND rows "    {\"${module}\", ${number}, \"${name}\", kText${index}},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(WRITE "${OUT}" "// Written by cmake/embed_schema.cmake.
#include \"platform/sql/migrations.h\"

namespace onsale::sql {

namespace {

${texts}
constexpr std::array<Migration, ${index}> kMigrations{{
${rows}}};

}  // namespace

std::span<const Migration> all_migrations() { return kMigrations; }

}  // namespace onsale::sql
")
  return()
endif()

set(onsale_embed_schema_script ${CMAKE_CURRENT_LIST_FILE})

function(onsale_embed_schema target)
  # The platform's tables first: modules' migrations may write into them.
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/platform/*/schema/*.sql)
  file(GLOB modules CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*/schema/*.sql)
  list(SORT files)
  list(SORT modules)
  list(APPEND files ${modules})
  list(JOIN files "|" joined)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/all_migrations.cc)
  # The list is part of the command, so that adding or removing a file runs it again.
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} "-DOUT=${out}" "-DFILES=${joined}" -P ${onsale_embed_schema_script}
    DEPENDS ${files} ${onsale_embed_schema_script}
    COMMENT "Embedding the schema" VERBATIM)
  onsale_library(${target} SOURCES ${out} DEPS onsale_sql)
endfunction()
